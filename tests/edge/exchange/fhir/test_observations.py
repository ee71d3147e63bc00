from dataclasses import replace

from edge.exchange import codes
from edge.exchange.fhir.actors import AI_CONFIDENCE
from tests.edge.exchange.fhir.reading import by_model, coded, decisions, labels, of, resolved, sent, zones


def test_the_answer_of_the_model_is_labelled_and_has_its_confidence_and_device(bundle):
    models = by_model(bundle)
    assert len(models) == 4 * 3
    for each in models:
        assert labels(each) == [codes.AI_ASSERTED.value]
        assert each["status"] == "preliminary"
        assert coded(resolved(bundle, each["device"])["type"]) == [codes.AI_DEVICE.value]
    confidence = [part["valueDecimal"] for each in models for part in each.get("extension", ()) if part["url"] == AI_CONFIDENCE]
    assert confidence == [0.9] * 9  # that of an absent finding too, whose probability is 0.1; none for the zone that is unsure


def test_what_the_model_cannot_tell_has_a_coded_reason_and_no_value(bundle):
    unsure = [each for each in by_model(bundle) if "BLUE_6_L3" in coded(each["bodySite"])]
    assert len(unsure) == 3
    for each in unsure:
        assert not [name for name in each if name.startswith("value")]
        assert coded(each["dataAbsentReason"]) == [codes.NOT_KNOWN.value, codes.NEEDS_SPECIALIST.value]


def test_a_decision_is_an_observation_of_a_person_derived_from_that_of_the_model(bundle, handed):
    [edited] = [each for each in decisions(bundle) if coded(each["component"][0]["valueCodeableConcept"]) == ["EDITED"]]
    model = resolved(bundle, edited["derivedFrom"][0])
    assert (coded(model["valueCodeableConcept"]), coded(edited["valueCodeableConcept"])) == ([codes.PRESENT.value], [codes.ABSENT.value])
    assert labels(edited) == []
    assert edited["status"] == "final"
    assert resolved(bundle, edited["performer"][0])["name"] == [{"text": handed.report.signed_by}]


def test_a_zone_without_images_was_not_performed_and_is_never_normal(bundle):
    stated = zones(bundle)
    assert len(stated) == 6
    assert coded(stated["BLUE_6_L1"]["valueCodeableConcept"]) == [codes.NORMAL.value]
    for zone, why in (("R2", "skipped"), ("R3", "no reason recorded")):
        absent = stated[f"BLUE_6_{zone}"]
        assert "valueCodeableConcept" not in absent
        assert coded(absent["dataAbsentReason"]) == [codes.NOT_DONE.value, codes.NOT_PERFORMED.value]
        assert why in absent["dataAbsentReason"]["text"]


def test_vital_signs_have_the_codes_that_fhir_asks_for_and_ucum_units(bundle):
    [saturation] = [each for each in of(bundle, "Observation") if coded(each["category"][0]) == [codes.VITAL_SIGNS.value]]
    assert coded(saturation["code"]) == ["2708-6", "59408-5"]
    assert saturation["valueQuantity"] == {"value": 91, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
    assert saturation["performer"] == [{"display": "Sara"}]


def test_a_model_that_is_gone_leaves_its_answers_without_a_device(handed):
    gone = sent(replace(handed, algorithms={}))
    assert not by_model(gone)
    assert len([each for each in of(gone, "Observation") if codes.AI_ASSERTED.value in labels(each)]) == 12
