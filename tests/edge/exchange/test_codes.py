"""No code leaves the appliance that is not in the table with its source: every object of an exam is walked here."""

import json
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.sr._concepts_dict import concepts
from pydicom.uid import SecondaryCaptureImageStorage

from edge.exchange import codes
from edge.exchange.codes import DCM, EVERY, LN, PRIVATE, SCT, UCUM, Code, zone_code
from edge.exchange.dicom.objects import write_objects
from edge.exchange.dicom.report import write_report
from edge.exchange.dicom.written import Written
from edge.exchange.fhir.bundle import bundle_of
from edge.exchange.fhir.study import MODALITY
from edge.exchange.hl7.oru import oru_of
from edge.exchange.uids import derived_uid
from edge.records.exams.context import KINDS

UIDS = "urn:ietf:rfc:3986"
"""FHIR's system of UIDs: they name classes of objects, and are no codes of ours."""
BY_TEMPLATES = {
    DCM: {
        "111001", "111002", "111003", "112039", "112040", "113012", "121005", "121008", "121009", "121011", "121012", "121013", "121014",
        "121015", "121016", "121017", "121049", "121058", "121112", "125007", "126000", "126010",
    },
    SCT: {"260753009"},
    "RFC5646": {"en-US"},
}  # fmt: skip
"""What the templates of highdicom add on their own (TID 300, 1002 to 1004, 1204, 1500, 1501, 2010 and 4019), by scheme."""
SYSTEMS = {url: scheme for scheme, url in codes.SYSTEMS.items()}


def meanings(scheme, value):
    """What pydicom's dictionary, made from PS3.16, calls a code; one code can have several names there."""
    return {meaning for rows in concepts[scheme].values() for code, (meaning, *_) in rows.items() if code == value}


def in_dicom(dataset):
    """The codes of a dataset and all its items, as (scheme, value)."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from in_dicom(item)
    value = dataset.get("CodeValue") or dataset.get("LongCodeValue")
    if value:
        yield dataset.CodingSchemeDesignator, value


def in_fhir(value):
    if isinstance(value, dict):
        if "system" in value and "code" in value:
            yield SYSTEMS.get(value["system"], value["system"]), value["code"]
        for each in value.values():
            yield from in_fhir(each)
    elif isinstance(value, list):
        for each in value:
            yield from in_fhir(each)


def in_hl7(message):
    """The coded elements after the header: every field of three components whose last one is a scheme."""
    for line in message.decode().split("\r")[1:]:
        for field in line.split("|"):
            value, _, scheme = (*field.split("^"), "", "")[:3]
            if field.count("^") == 2 and scheme:
                yield scheme, value


@pytest.fixture(scope="module")
def known(handed):
    """The table, with what is a code by its nature: the zones of a protocol, operators, and the units of measurements."""
    zones = {(PRIVATE, zone_code(handed.protocol.id, zone.id, zone.name).value) for zone in handed.protocol.zones}
    units = {(UCUM, kind.unit) for kind in KINDS.values()}
    return {(code.scheme, code.value) for code in EVERY} | zones | units | {(PRIVATE, handed.exam.operator_id)}


def by_templates():
    return {(scheme, value) for scheme, values in BY_TEMPLATES.items() for value in values}


def test_no_code_outside_the_table_is_in_the_structured_report(handed, tmp_path, known):
    found = set(in_dicom(dcmread(write_report(handed, (), tmp_path).path)))
    assert found - known - by_templates() == set()
    assert len(found) > 40


@pytest.mark.slow
def test_no_code_outside_the_table_is_in_any_dicom_object(handed, tmp_path, known):
    for each in write_objects(handed, tmp_path / "objects"):
        found = set(in_dicom(dcmread(each.path, stop_before_pixels=True)))
        assert found - known - by_templates() == set(), each.kind
        assert found, each.kind


def test_no_code_outside_the_table_is_in_a_fhir_bundle(handed, known):
    place = (derived_uid("instance"), derived_uid("series"), handed.exam.study_uid)
    written = [Written(Path("x"), kind, "", SecondaryCaptureImageStorage, *place) for kind in MODALITY]
    found = {(scheme, value) for scheme, value in in_fhir(json.loads(bundle_of(handed, written))) if scheme != UIDS}
    assert found - known == set()
    assert len(found) > 20


def test_no_code_outside_the_table_is_in_an_hl7_message(handed, known):
    found = set(in_hl7(oru_of(handed)))
    assert found - known == set()
    assert len(found) > 20


def test_what_templates_add_is_in_the_dictionary_of_pydicom():
    assert [value for scheme in (DCM, SCT) for value in BY_TEMPLATES[scheme] if not meanings(scheme, value)] == []


@pytest.mark.parametrize("code", sorted((code for code in EVERY if code.scheme in (DCM, SCT)), key=str), ids=lambda code: code.value)
def test_a_code_means_here_what_it_means_in_dicom(code):
    assert code.meaning in meanings(code.scheme, code.value)


@pytest.mark.parametrize("code", sorted(EVERY, key=str), ids=lambda code: code.value)
def test_every_row_has_a_source_a_system_and_room_in_dicom(code):
    assert code.source
    assert code.system.startswith(("http://", "urn:oid:"))
    assert len(code.meaning) <= codes.MOST_MEANING
    if code.scheme in (DCM, SCT, LN, UCUM, PRIVATE):
        assert len(code.value) <= codes.MOST_CHARACTERS


def test_no_code_is_there_twice_with_another_meaning():
    rows = [(code.scheme, code.value) for code in EVERY]
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize(("protocol", "zone"), [("blue-6", "L1"), ("a-protocol-with-a-long-name-0001", "ABCDEFGH")])
def test_the_code_of_a_zone_has_room_in_dicom_and_names_its_protocol(protocol, zone):
    code = zone_code(protocol, zone, "x" * 100)
    assert len(code.value) <= codes.MOST_CHARACTERS
    assert len(code.meaning) <= codes.MOST_MEANING
    assert code != zone_code(f"{protocol}-b", zone, "x")


def test_two_rows_are_the_same_code_whatever_their_source():
    assert Code("1", DCM, "a", "here") == Code("1", DCM, "a", "there")
