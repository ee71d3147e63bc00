from edge.exchange import codes
from tests.edge.exchange.fhir.reading import coded, of, resolved


def test_provenance_tells_the_model_the_persons_and_the_signature_apart(bundle, handed):
    model, persons, report = of(bundle, "Provenance")
    assert coded(model["reason"][0]) == [codes.AI_ASSERTED.value]
    assert [coded(agent["type"]) for agent in model["agent"]] == [["author"], ["assembler"]]
    assert {resolved(bundle, agent["who"])["resourceType"] for agent in model["agent"]} == {"Device"}
    assert [resolved(bundle, entity["what"])["resourceType"] for entity in model["entity"]] == ["ImagingStudy", "DocumentReference"]
    assert "reason" not in persons
    assert [coded(agent["type"]) for agent in persons["agent"]] == [["verifier"]]
    assert [coded(agent["type"]) for agent in report["agent"]] == [["attester"], ["assembler"]]
    assert [resolved(bundle, each)["resourceType"] for each in report["target"]] == ["DiagnosticReport"]
    answers = {each["fullUrl"] for each in bundle["entry"] if "device" in each["resource"]}
    assert {each["reference"] for each in model["target"]} == answers
