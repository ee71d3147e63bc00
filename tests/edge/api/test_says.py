"""What a page translates goes beside each sentence of the API."""

from edge.api.says import SaysOut, says_out
from edge.exam.exam import ExamRefused
from firmware_bridge.says import Says, say


def test_a_sentence_an_error_and_a_code_are_sent_alike():
    expected = SaysOut(code="zone_open", params={"zone": "L1"})
    assert says_out(say("zone_open", "Zone {zone} is open", zone="L1")) == expected
    assert says_out(ExamRefused("Zone {zone} is open", "Select it", says="zone_open", zone="L1")) == expected
    assert says_out(Says("zone_open", {"zone": "L1"})) == expected


def test_a_sentence_within_a_sentence_is_sent_within_it():
    inner = say("inner", "{count} of 3", count=1)
    assert says_out(say("outer", "Done: {inner}", inner=inner)).model_dump() == {
        "code": "outer",
        "params": {"inner": {"code": "inner", "params": {"count": 1}}},
    }


def test_a_text_and_an_error_without_a_code_have_nothing_to_translate():
    assert says_out("text") is None
    assert says_out(ExamRefused("a", "b")) is None
    assert says_out(None) is None


def test_a_problem_document_carries_the_code_beside_its_sentences(client):
    answer = client.post("/api/v1/exams", json={"protocol": "of tomorrow"})
    assert answer.json()["says"] == {"code": "protocol_unknown", "params": {}}


def test_input_that_is_not_valid_is_named_for_translation(client):
    answer = client.post("/api/v1/exams", json={"protocol": 7})
    assert answer.json()["says"] == {"code": "INPUT_INVALID", "params": {"places": "protocol"}}
