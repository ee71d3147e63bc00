"""Messages of the hospital are acknowledged once what they change is on the disk."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.disk.layout import DataFolder
from edge.exchange.encounters.book import Book
from edge.exchange.encounters.cache import EncountersDamaged, load_book, save_book
from edge.exchange.encounters.encounter import Encounter
from edge.exchange.encounters.receiver import Receiver
from edge.exchange.encounters.visit import Visit
from edge.exchange.hl7.mllp import acknowledgement
from tests.edge.exchange.encounters.messages import NOW, adt


def receiver(folder):
    return Receiver(folder, lambda: NOW)


def answer(to, message):
    return acknowledgement(to.answer(message if isinstance(message, bytes) else message.encode()))


def test_a_message_is_taken_once_it_is_on_the_disk(tmp_path) -> None:
    read = answer(receiver(tmp_path), adt("A01"))
    assert (read.code, read.control_id, read.text) == ("AA", "A01-0-V-17", "")
    assert [each.admission_id for each in load_book(tmp_path).open(NOW)] == ["V-17"]
    answer(receiver(tmp_path), adt("A03", minutes=5))
    assert load_book(tmp_path).open(NOW) == ()


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        (b"GET / HTTP/1.1", "AR", "does not begin with MSH"),
        (adt("A28"), "AR", "The event A28 is not used here"),
        (adt("A01").replace("ADT^", "ORU^"), "AR", "type ORU is not taken"),
        (adt("A01", processing="T"), "AR", "no real patient"),
        (adt("A01", visit=""), "AE", "PV1-19, the visit number"),
    ],
)
def test_what_is_not_taken_is_answered_with_the_reason_and_changes_nothing(message, code, words, tmp_path) -> None:
    read = answer(receiver(tmp_path), message)
    assert (read.code, words in read.text) == (code, True), read
    assert load_book(tmp_path) is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"charset": ""}, "without a stated character set"), ({"identifier": ""}, "no patient ID"), ({"visit": "x" * 65}, "more than 64")],
)
def test_what_is_quarantined_is_taken_and_the_answer_states_why(changed, words, tmp_path) -> None:
    read = answer(receiver(tmp_path), adt("A01", **changed))
    assert read.code == "AA"
    assert words in read.text
    (stored,) = load_book(tmp_path).open(NOW)
    assert stored.quarantined


def test_a_disk_that_refuses_leaves_the_message_with_the_sender_and_the_next_try_is_taken(tmp_path) -> None:
    to = receiver(tmp_path)
    DataFolder(tmp_path).encounters.mkdir()
    read = answer(to, adt("A01"))
    assert read.code == "AR"
    assert "The disk of this board does not take it" in read.text
    DataFolder(tmp_path).encounters.rmdir()
    assert answer(to, adt("A01")).code == "AA"
    assert load_book(tmp_path).visits


def test_a_repetition_writes_nothing(tmp_path) -> None:
    to = receiver(tmp_path)
    answer(to, adt("A01"))
    before = DataFolder(tmp_path).encounters.stat().st_ino
    assert answer(to, adt("A01")).code == "AA"
    assert DataFolder(tmp_path).encounters.stat().st_ino == before


def test_the_answer_of_a_server_that_was_asked_before_is_not_continued(tmp_path) -> None:
    save_book(tmp_path, Book("ehr", NOW, (Visit(Encounter("V-1"), NOW),)))
    answer(receiver(tmp_path), adt("A01"))
    assert [each.admission_id for each in load_book(tmp_path).open(NOW)] == ["V-17"]


def test_a_damaged_book_is_not_overwritten(tmp_path) -> None:
    DataFolder(tmp_path).encounters.write_text("{")
    with pytest.raises(EncountersDamaged):
        receiver(tmp_path)


@given(content=st.binary(max_size=300))
def test_any_bytes_are_answered(content, tmp_path_factory) -> None:
    to = receiver(tmp_path_factory.getbasetemp())
    for each in (content, b"MSH|^~\\&|" + content, adt("A01").encode() + content):
        assert acknowledgement(to.answer(each)).code in ("AA", "AE", "AR")


def test_a_thousand_messages_cost_little(tmp_path) -> None:
    to, begun = receiver(tmp_path), time.perf_counter()
    for number in range(300):
        answer(to, adt("A01", visit=f"V-{number}", identifier=f"P-{number}"))
    print(f"an ADT message is stored in {(time.perf_counter() - begun) / 0.3:.1f} ms, with up to 300 visits in the book")
