"""Encounters and patients of a FHIR server: taken as they are stated, and quarantined where something is missing or has two values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exchange.encounters.encounter import Encounter, judged
from edge.exchange.encounters.fhir import encounters_of
from tests.edge.exchange.encounters.messages import NAME
from tests.edge.exchange.encounters.resources import BASE, encounter, entries, patient


def one(*resources):
    (found,) = judged(encounters_of(entries(*resources)))
    return found


def test_an_encounter_is_read_with_its_patient() -> None:
    assert one(encounter(), patient()) == Encounter("V-e1", "P-1", "HOSP", NAME, "19810302", "F", "Ward 3", "20261129081500", "inpatient")


@pytest.mark.parametrize("subject", ["Patient/p1", f"{BASE}/Patient/p1", "Patient/p1/_history/4"])
def test_the_patient_is_found_by_each_form_of_a_reference(subject) -> None:
    assert one(encounter(subject=subject), patient()).patient_id == "P-1"


@pytest.mark.parametrize("subject", ["Patient/p9", "", "#p1", "http://other.example/fhir/Patient/p1"])
def test_an_encounter_without_its_patient_is_quarantined(subject) -> None:
    assert one(encounter(subject=subject), patient()).problems == ("no-patient",)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"identifier": []}, "no-id"),
        ({"identifier": [{"value": "1"}, {"value": "2"}]}, "several-ids"),
        ({"identifier": [{"value": "x" * 65}]}, "long-id"),
        ({"name": [{"family": "A"}, {"family": "B"}]}, "several-names"),
        ({"name": [{"family": "A\nB"}]}, "characters"),
        ({"name": "A"}, "unreadable"),
        ({"birthDate": 1981}, "unreadable"),
    ],
)
def test_a_patient_that_cannot_be_used_is_quarantined(changed, problem) -> None:
    assert one(encounter(), patient(**changed)).problems == (problem,)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"identifier": []}, "no-admission"),
        ({"identifier": [{"value": "1"}, {"value": "2"}]}, "several-admissions"),
        ({"identifier": [{"value": "x" * 65}]}, "long-admission"),
        ({"period": "today"}, "unreadable"),
        ({"subject": None}, "unreadable"),
    ],
)
def test_an_encounter_that_cannot_be_used_is_quarantined(changed, problem) -> None:
    assert one(encounter(**changed), patient()).problems == (problem,)


@pytest.mark.parametrize(
    ("identifiers", "chosen"),
    [
        ([{"value": "1"}, {"value": "2", "type": {"coding": [{"code": "MR"}]}}], "2"),
        ([{"value": "1", "use": "official"}, {"value": "2"}], "1"),
        ([{"value": "1", "use": "old"}, {"value": "2"}], "2"),
        ([{"system": "urn:x"}, {"value": "2"}], "2"),
        ([{"value": "2"}, {"value": "2"}], "2"),
    ],
)
def test_the_id_is_that_of_the_medical_record_or_the_official_or_the_only_one(identifiers, chosen) -> None:
    assert one(encounter(), patient(identifier=identifiers)).patient_id == chosen


@pytest.mark.parametrize(
    ("names", "dicom_name"),
    [
        ([{"text": "ሰላማዊት አበበ"}], "ሰላማዊት አበበ"),
        ([{"family": "Diallo", "given": ["Aïssatou", "M"], "prefix": ["Dr"], "suffix": ["Jr", "PhD"]}], "Diallo^Aïssatou^M^Dr^Jr PhD"),
        ([{"use": "nickname", "text": "Nick"}, {"use": "usual", "family": "U"}, {"use": "official", "family": "O"}], "O"),
        ([{"use": "maiden", "family": "Old"}], ""),
        ([{"family": "A^B"}], "A＾B"),
        ([], ""),
    ],
)
def test_a_name_has_its_parts_as_dicom_orders_them(names, dicom_name) -> None:
    assert one(encounter(), patient(name=names)).name == dicom_name


def test_the_forms_of_one_name_are_its_groups() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
    forms = {"ABC": "Yamada", "IDE": "山田", "SYL": "やまだ"}
    names = [{"family": family, "extension": [{"url": url, "valueCode": code}]} for code, family in forms.items()]
    assert one(encounter(), patient(name=names)).name == "Yamada=山田=やまだ"


@pytest.mark.parametrize("status", ["finished", "cancelled", "planned", "", "unknown"])
def test_one_that_is_not_open_is_left_out(status) -> None:
    assert encounters_of(entries(encounter(status=status), patient())) == ()


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"class": {"code": "EMER"}}, "kind", "emergency"),
        ({"class": {"code": "X"}}, "kind", ""),
        ({"period": {"start": "2026-11-29"}}, "since", "20261129"),
        ({"period": {"start": "soon"}}, "since", ""),
        ({"location": []}, "place", ""),
        ({"location": [{"location": {"display": "W"}}, {"location": {"display": "12"}}]}, "place", "W / 12"),
    ],
)
def test_each_field_is_read(changed, field, value) -> None:
    assert getattr(one(encounter(**changed), patient()), field) == value


def test_one_that_came_twice_counts_once_and_one_unreadable_spoils_no_other() -> None:
    found = judged(encounters_of(entries(encounter(), encounter("e2", status=3), encounter(), patient())))
    assert [(each.admission_id, each.place, each.problems) for each in found] == [
        ("V-e1", "Ward 3", ()),
        ("", "Encounter/e2", ("unreadable",)),
    ]


KEYS = ["value", "use", "type", "coding", "code", "reference", "display", "family", "given", "start", "location", "x"]
PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
JSON = st.recursive(PLAIN, lambda of: st.lists(of, max_size=3) | st.dictionaries(st.sampled_from(KEYS), of, max_size=4), max_leaves=8)


@given(
    st.dictionaries(st.sampled_from(["id", "identifier", "subject", "location", "period", "class", "status", "name", "birthDate"]), JSON)
)
def test_any_resource_gives_an_encounter_or_a_problem(changed) -> None:
    resources = [("", {**encounter(), **changed}), ("", {**patient(), **changed}), ("", {"resourceType": 3})]
    for each in judged(encounters_of(resources)):
        assert each.problems or each.patient_id
