import base64
from dataclasses import replace
from urllib.parse import parse_qs

from edge.exchange import codes
from edge.exchange.fhir.actors import AI_MODEL_CARD
from tests.edge.exchange.changes import named, ordered, with_exam
from tests.edge.exchange.fhir.reading import coded, coded_or_none, of, resolved, sent, walk


def test_the_patient_has_name_and_identifier_as_entered(bundle):
    [patient] = of(bundle, "Patient")
    assert patient["name"] == [{"text": "ሰላማዊት አበበ"}]
    assert (patient["gender"], patient["birthDate"]) == ("female", "1981-03-02")
    assert patient["identifier"][0]["value"] == "P-0001"


NAME = "Diallo^Aïssatou^M^Dr^PhD=ዲያሎ^አይሳቱ"


def test_a_name_that_was_scheduled_keeps_its_parts_and_forms(handed):
    [patient] = of(sent(named(handed, NAME, "Aïssatou Diallo")), "Patient")
    assert patient["name"] == [
        {"text": "Aïssatou Diallo", "family": "Diallo", "given": ["Aïssatou", "M"], "prefix": ["Dr"], "suffix": ["PhD"]},
        {"family": "ዲያሎ", "given": ["አይሳቱ"]},
    ]


def test_an_issuer_that_is_a_uri_is_the_system_of_the_identifier(handed):
    issuer = "http://hospital.example/mrn"
    patient = handed.exam.patient
    [sent_] = of(sent(with_exam(handed, patient=replace(patient, issuer=issuer, identifier="a|b,c"))), "Patient")
    assert sent_["identifier"] == [{"system": issuer, "value": "a|b,c"}]


def test_delimiters_in_an_identifier_are_escaped_in_the_search(handed):
    patient = replace(handed.exam.patient, issuer="urn:x:y", identifier="a|b,c")
    entry = sent(with_exam(handed, patient=patient))["entry"][0]
    assert parse_qs(entry["request"]["ifNoneExist"]) == {"identifier": ["urn:x:y|a\\|b\\,c"]}


def test_two_patients_who_are_not_identified_stay_apart(handed):
    [one], [other] = (of(sent(with_exam(handed, patient=None, id=each)), "Patient") for each in ("exam-1", "exam-2"))
    assert "name" not in one
    assert one["identifier"] != other["identifier"]


def test_a_visit_is_an_encounter_and_an_order_an_accession_number(handed):
    bundle = sent(ordered(handed, admission_id="V-17", accession="A-9", requested="Chest"))
    [encounter], [report], [study] = of(bundle, "Encounter"), of(bundle, "DiagnosticReport"), of(bundle, "ImagingStudy")
    assert encounter["identifier"][0]["value"] == "V-17"
    assert (encounter["status"], encounter["class"]["code"]) == ("unknown", codes.CLASS_NOT_KNOWN.value)
    assert {resolved(bundle, each["encounter"])["resourceType"] for each in (report, study, *of(bundle, "Observation"))} == {"Encounter"}
    assert [each["identifier"][1]["value"] for each in (report, study)] == ["A-9", "A-9"]
    [order] = report["basedOn"]
    assert (order["type"], order["identifier"]["value"], order["display"]) == ("ServiceRequest", "A-9", "Chest")


def test_an_exam_without_an_order_has_no_encounter(bundle):
    assert of(bundle, "Encounter") == []
    assert not [each for _, each in walk(bundle) if "encounter" in each]


def test_the_model_is_a_device_with_version_checksum_and_card(bundle, handed):
    [model] = handed.algorithms.values()
    [device] = [each for each in of(bundle, "Device") if coded_or_none(each["type"]) == [codes.AI_DEVICE.value]]
    assert device["version"] == [{"value": model.version}]
    assert model.sha256 in [part["valueCode"][0]["text"] for part in device["property"]]
    [reference] = [part["valueReference"] for part in device["extension"] if part["url"] == AI_MODEL_CARD]
    card = resolved(bundle, reference)
    assert coded(card["type"]) == [codes.MODEL_CARD.value]
    assert base64.b64decode(card["content"][0]["attachment"]["data"]).decode() == model.card
