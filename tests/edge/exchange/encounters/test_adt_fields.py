"""The patient and the visit in the fields of an encounter: nothing is guessed where there are several."""

import pytest

from edge.exchange.encounters.adt_fields import person_of, visit_of
from edge.exchange.encounters.encounter import Encounter, judged
from edge.exchange.hl7.reading import parsed
from tests.edge.exchange.encounters.messages import adt


def stated(charset="UNICODE UTF-8", codec="utf-8", **fields):
    message = parsed(adt(charset=charset, **fields).encode(codec))
    pid = message.first("PID")
    return person_of(pid) | visit_of(message.first("PV1"), pid)


@pytest.mark.parametrize(
    ("identifier", "patient_id", "issuer"),
    [
        ("P-1", "P-1", ""),
        ("P-1^^^HOSP&1.2.3&ISO^MR", "P-1", "HOSP"),
        ("P-1^^^&1.2.3&ISO^MR", "P-1", "1.2.3"),
        ("999^^^NAT^NI~P-1^^^HOSP^MR~888^^^NAT^SS", "P-1", "HOSP"),
        ("P-1^^^HOSP^MR~P-1^^^HOSP^MR", "P-1", "HOSP"),
        ("a b/7\\T\\8", "a b/7&8", ""),
    ],
)
def test_the_patient_id_is_that_of_the_medical_record_or_the_only_one(identifier, patient_id, issuer) -> None:
    values = stated(identifier=identifier).values
    assert (values["patient_id"], values["issuer"]) == (patient_id, issuer)


@pytest.mark.parametrize("identifier", ["P-1^^^A^MR~P-2^^^A^MR", "P-1^^^A^MR~P-1^^^B^MR", "P-1^^^A^NI~P-2^^^A^SS", "P-1\\E\\2"])
def test_several_patient_ids_are_quarantined(identifier) -> None:
    values = stated(identifier=identifier).values
    assert judged([Encounter(**values)])[0].problems == ("several-ids",)


@pytest.mark.parametrize(
    ("name", "dicom_name"),
    [
        ("አበበ^ሰላማዊት^^^^^L", "አበበ^ሰላማዊት"),
        ("Diallo&van&Diallo^Aïssatou^M^Jr^Dr^PhD^L", "Diallo^Aïssatou^M^Dr^Jr PhD"),
        ("Yamada^Tarou^^^^^L^A~山田^太郎^^^^^L^I~やまだ^たろう^^^^^L^P", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("Nick^Name^^^^^N~Legal^Name^^^^^L", "Legal^Name"),
        ("Whole Name", "Whole Name"),
        ("one^two^^^^^L~one^two^^^^^L", "one^two"),
        ("O\\S\\B^a=b^^^^^L", "O＾B^a＝b"),
        ("^^^^^^U", ""),
        ("Born^Name^^^^^M", ""),
    ],
)
def test_a_name_has_its_parts_as_dicom_orders_them(name, dicom_name) -> None:
    assert stated(name=name).values["name"] == dicom_name


def test_several_names_of_one_kind_are_quarantined() -> None:
    assert judged([Encounter(**stated(name="One^A^^^^^L~Two^B^^^^^L").values)])[0].problems == ("several-names",)


@pytest.mark.parametrize(
    ("fields", "doubts"),
    [
        ({"name": "Aïssatou"}, {"name": "characters"}),
        ({"identifier": "P-é^^^HOSP^MR"}, {"patient_id": "characters"}),
        ({"identifier": "P-1^^^Gondär^MR"}, {"patient_id": "characters"}),
        ({"place": "Wärd"}, {"place": "characters"}),
        ({"visit": "V-é"}, {"admission_id": "characters"}),
        ({"name": "Plain"}, {}),
    ],
)
def test_without_a_character_set_other_characters_than_ascii_are_in_doubt(fields, doubts) -> None:
    assert stated(charset="", **{"name": "Plain", **fields}).doubts == doubts


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"born": "198103021200+0300"}, "birth_date", "19810302"),
        ({"born": "1981"}, "birth_date", "1981"),
        ({"born": "02/03/1981"}, "birth_date", "02/03/1981"),
        ({"sex": "A"}, "sex", ""),
        ({"sex": "O"}, "sex", "O"),
        ({"place": "ER^^3"}, "place", "ER / 3"),
        ({"since": "202611290815+0300"}, "since", "202611290815"),
        ({"kind": "E"}, "kind", "emergency"),
        ({"kind": "X"}, "kind", ""),
        ({"visit": "V-1^^^HOSP^VN"}, "admission_id", "V-1"),
        ({"visit": "V-1~V-2"}, "admission_id", "V-1\\V-2"),
    ],
)
def test_each_field_is_read(fields, name, value) -> None:
    assert stated(**fields).values[name] == value
