"""The book of encounters: the same messages make the same book, in whatever order and however often they come."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exchange.encounters.adt import changes_of
from edge.exchange.encounters.book import MOST_VISITS, Book, after
from edge.exchange.hl7.reading import parsed
from tests.edge.exchange.encounters.messages import NOW, adt


def book_of(*messages, book=None, now=NOW):
    book = Book() if book is None else book
    for message in messages:
        for change in changes_of(parsed(message.encode())):
            book = after(book, change, now)
    return book


def shown(book, now=NOW):
    return [(each.admission_id, each.patient_id, each.name, each.place, each.problems) for each in book.open(now)]


def ids(book, now=NOW):
    return [each.admission_id for each in book.open(now)]


def test_a_patient_is_admitted_moved_corrected_and_discharged() -> None:
    book = book_of(adt("A01"), adt("A02", minutes=5, place="ICU^1^B", since=""))
    assert [(each.place, each.since) for each in book.open(NOW)] == [("ICU / 1 / B", "20261129")]
    book = book_of(adt("A08", minutes=6, name="Abebe^Selamawit"), book=book)
    assert shown(book) == [("V-17", "P-1", "Abebe^Selamawit", "W3 / 12 / A", ())]
    assert ids(book_of(adt("A03", minutes=9), book=book)) == []


@pytest.mark.parametrize("event", ["A01", "A04", "A05", "A02", "A06", "A08", "A13"])
def test_a_visit_of_which_nothing_was_known_is_open(event) -> None:
    assert ids(book_of(adt(event))) == ["V-17"]


@pytest.mark.parametrize("event", ["A03", "A11", "A38"])
def test_what_ended_is_not_opened_by_a_late_or_repeated_message(event) -> None:
    book = book_of(adt("A01"), adt(event, minutes=9), adt("A01"), adt("A02", minutes=4), adt("A08", minutes=12))
    assert ids(book) == []
    assert ids(book_of(adt("A13", minutes=20), book=book)) == ["V-17"]


def test_an_admission_of_the_same_second_that_is_repeated_after_the_discharge_changes_nothing() -> None:
    assert ids(book_of(adt("A01"), adt("A03"), adt("A01"))) == []


def test_a_stated_time_of_discharge_ends_a_visit_whatever_the_event() -> None:
    assert ids(book_of(adt("A08", discharged="202611300900"))) == []
    assert ids(book_of(adt("A13", discharged="202611300900"))) == ["V-17"]


def test_what_changes_nothing_leaves_the_book_as_it_is() -> None:
    book = book_of(adt("A01"), adt("A08", minutes=5))
    assert book_of(adt("A01"), adt("A08", minutes=5), book=book) is book
    both = book_of(adt("A40", minutes=6, merged="P-9"), book=book)
    assert book_of(adt("A40", minutes=6, merged="P-9"), book=both) is both


def test_two_people_with_one_id_are_quarantined_until_the_hospital_corrects_it() -> None:
    book = book_of(adt("A01"), adt("A01", visit="V-18", name="Diallo^Aïssatou", minutes=1))
    assert [each[-1] for each in shown(book)] == [("same-id",), ("same-id",)]
    book = book_of(adt("A08", visit="V-18", identifier="P-2^^^HOSP^MR", name="Diallo^Aïssatou", minutes=2), book=book)
    assert [each[-1] for each in shown(book)] == [("same-admission",), ()]
    book = book_of(adt("A11", visit="V-18", minutes=3), book=book)
    book = book_of(adt("A01", visit="V-18", identifier="P-2^^^HOSP^MR", name="Diallo^Aïssatou", minutes=4), book=book)
    assert {each[-1] for each in shown(book)} == {()}


def test_a_correction_holds_for_each_visit_of_the_patient_in_any_order() -> None:
    correction = adt("A08", minutes=9, name="Abebe^Selam")
    for messages in ([adt("A01"), adt("A01", visit="V-2"), correction], [correction, adt("A01", visit="V-2")]):
        assert {(each[2], each[-1]) for each in shown(book_of(*messages))} == {("Abebe^Selam", ())}


def test_a_merge_gives_the_visits_to_the_patient_who_goes_on() -> None:
    book = book_of(adt("A01", identifier="P-7^^^HOSP^MR"), adt("A40", minutes=5, merged="P-7^^^HOSP^MR"))
    assert shown(book) == [("V-17", "P-1", "አበበ^ሰላማዊት", "W3 / 12 / A", ())]
    late = book_of(
        adt("A02", identifier="P-7^^^HOSP^MR", minutes=3, place="X"), adt("A04", visit="V-2", identifier="P-7^^^HOSP^MR"), book=book
    )
    assert {each[1] for each in shown(late)} == {"P-1"}


def test_a_number_that_the_hospital_uses_again_begins_a_new_visit() -> None:
    book = book_of(adt("A01"), adt("A03", minutes=5), adt("A01", minutes=9, identifier="P-2^^^HOSP^MR", name="New^One", place=""))
    assert shown(book) == [("V-17", "P-2", "New^One", "", ())]


def test_an_admission_that_comes_to_another_patient_is_quarantined_until_it_ends() -> None:
    book = book_of(adt("A01"), adt("A08", minutes=5, identifier="P-2^^^HOSP^MR"), adt("A08", minutes=6, identifier="P-2^^^HOSP^MR"))
    assert [each[-1] for each in shown(book)] == [("same-admission",)]


def test_characters_in_doubt_are_so_until_they_are_stated_again() -> None:
    book = book_of(adt("A01", charset=""), adt("A02", minutes=1, name="", charset=""))
    assert [each[-1] for each in shown(book)] == [("characters",)]
    assert [each[-1] for each in shown(book_of(adt("A08", minutes=2), book=book))] == [()]


@pytest.mark.parametrize(("kind", "days"), [("O", 3), ("E", 7), ("P", 30), ("I", 365), ("", 365)])
def test_a_visit_that_nobody_ends_counts_as_open_for_some_time(kind, days) -> None:
    book = book_of(adt("A04", kind=kind))
    assert ids(book, NOW + timedelta(days=days)) == ["V-17"]
    assert ids(book, NOW + timedelta(days=days, seconds=1)) == []


def test_the_book_does_not_grow_without_end() -> None:
    book = Book()
    for number in range(20):
        book = book_of(adt("A01", visit=f"V-{number}"), adt("A03", visit=f"V-{number}", minutes=5), book=book)
    later = book_of(adt("A01", visit="V-99"), book=book, now=NOW + timedelta(days=31))
    assert [each.encounter.admission_id for each in later.visits] == ["V-99"]
    assert MOST_VISITS < 10_000


PATIENTS = ("P-1", "P-2", "P-3")


@st.composite
def histories(draw):
    """Messages as a hospital sends them, one a minute: each visit is of one patient, whose record may end in another's.

    No number is used again: a visit that ended is opened by A13 only.
    """
    record = {patient: patient for patient in PATIENTS}
    messages, ended = [], set()
    for minute in range(draw(st.integers(1, 9))):
        if draw(st.integers(0, 4)) == 0:
            ending, into = draw(st.permutations(PATIENTS))[:2]
            ending, into = record[ending], record[into]
            if ending != into:
                record = {patient: into if now == ending else now for patient, now in record.items()}
                messages.append(
                    adt("A40", minutes=minute, identifier=f"{into}^^^HOSP^MR", name=f"Name{minute}", merged=f"{ending}^^^HOSP^MR")
                )
            continue
        visit = draw(st.integers(0, 3))
        event = draw(st.sampled_from(["A01", "A02", "A03", "A08", "A11", "A13"]))
        event = "A13" if event == "A01" and visit in ended else event
        ended |= {visit} if event in {"A03", "A11"} else set()
        values = {"name": draw(st.sampled_from(["", f"Name{minute}"])), "place": draw(st.sampled_from(["", f"W{minute}"]))}
        messages.append(adt(event, minutes=minute, visit=f"V-{visit}", identifier=f"{record[PATIENTS[visit % 3]]}^^^HOSP^MR", **values))
    return messages


@given(histories(), st.data())
def test_any_order_and_any_repetition_of_the_messages_give_the_same_book(messages, data) -> None:
    repeated = messages + data.draw(st.lists(st.sampled_from(messages), max_size=3)) if messages else []
    shuffled = data.draw(st.permutations(repeated))
    assert shown(book_of(*shuffled)) == shown(book_of(*messages))
