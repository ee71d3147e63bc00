"""The acknowledgement of a received message, read back by the board's own reader, by python-hl7 and by hl7apy."""

from datetime import datetime, timezone

import pytest

from edge.exchange.encounters.answer import CONDITIONS, refused, taken
from edge.exchange.hl7.mllp import acknowledgement, framed
from edge.exchange.hl7.reading import parsed
from tests.edge.exchange.encounters.messages import adt

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=timezone.utc)
ASKED = parsed(adt("A01", number="42").encode())


def test_what_is_taken_is_acknowledged_to_its_sender_with_its_id() -> None:
    answer = taken(ASKED, "id-1", NOW, "Quarantined: a|b")
    assert (acknowledgement(answer).code, acknowledgement(answer).control_id, acknowledgement(answer).text) == (
        "AA",
        "42",
        "Quarantined: a|b",
    )
    msh = parsed(answer).msh
    assert [msh[number].text.text for number in (3, 4, 5, 6, 10, 11, 12)] == ["SONOEDGE", "WARD", "HIS", "GONDAR", "id-1", "P", "2.5.1"]
    assert [msh[9].component(number).text for number in (1, 2, 3)] == ["ACK", "A01", "ACK"]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_refusal_has_its_code_and_its_reason(condition) -> None:
    answer = refused(ASKED, "id-1", NOW, "ምክንያት ^ this", condition)
    read = acknowledgement(answer)
    assert (read.code, read.control_id, read.text) == (CONDITIONS[condition][0], "42", "ምክንያት ^ this")
    error = parsed(answer).first("ERR")
    assert (error[3].text.text, error[8].text.text) == (CONDITIONS[condition][1], "ምክንያት ^ this")


def test_bytes_that_are_no_message_are_answered_without_an_id() -> None:
    read = acknowledgement(refused(None, "id-1", NOW, "It is none", "unreadable"))
    assert (read.code, read.control_id) == ("AR", "")


def test_whatever_the_sender_states_the_answer_can_be_framed() -> None:
    odd = parsed(b"MSH|^~\\&|A\\X0B\\|\\X1C0D\\|||2026||ADT^A01|4\\X0B\\2|P|2.5.1\r")
    assert framed(taken(odd, "id-1", NOW))


@pytest.fixture
def peer(missing):
    def imported(name):
        try:
            return __import__(name, fromlist=["parse", "parser"])
        except ImportError:
            return missing(f"the package {name}")

    return imported


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("answer", [taken(ASKED, "id-1", NOW), refused(ASKED, "id-1", NOW, "no", "event")], ids=["taken", "refused"])
def test_two_other_programs_read_the_answer_and_find_no_fault(answer, peer) -> None:
    text = answer.decode()
    assert str(peer("hl7").parse(text).segment("MSA")[2]) == "42"
    strict = peer("hl7apy.consts").VALIDATION_LEVEL.STRICT
    assert peer("hl7apy.parser").parse_message(text, validation_level=strict, find_groups=True).validate()
