"""Exams that count for an operator: reviewed by another person, good enough, of a real chest, and under the protocol."""

import pytest

from edge.records.errors import RecordUnknown
from edge.records.people.credentials import Counted, Credentials, NewEvent
from edge.records.people.operators import NewOperator, Operators
from edge.records.schema import ExamRow, ReviewRow
from edge.records.store import Store


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path)
    yield store
    store.close()


@pytest.fixture
def people(store):
    operators = Operators(store)
    return [operators.claim(NewOperator("boss", "B", "h")).id, operators.add("x", NewOperator("n-1", "N", "h")).id]


def exam(store, number, operator, **fields):
    row = {
        "id": f"exam-{number}",
        "study_uid": f"2.25.{number}",
        "folder": f"folder-{number}",
        "protocol": "blue-6",
        "protocol_version": "1",
        "protocol_digest": "d",
        "state": "preliminary",
        "zones": {},
        "context": {},
        "emergency": False,
        "simulated": False,
        "qualified": False,
        "operator_id": operator,
        "operator": "N (n-1)",
        "over_read": [],
    } | fields
    with store.write() as change:
        change.session.add(ExamRow(begun_at=change.now, **row))
        change.unlogged()
    return row["id"]


def review(store, exam_id, by, value, *, saved=True, name="", supersedes=None):
    with store.write() as change:
        row = ReviewRow(
            id=name or f"review-{exam_id}-{by[-6:]}-{value}",
            exam_id=exam_id,
            kind="first",
            blind=True,
            reviewer_id=by,
            begun_at=change.now,
            saved_at=change.now if saved else None,
            zones={},
            quality={"scale": "lung-5", "version": "1.0.0", "value": value} if saved else {},
            comment="",
            discordant=[],
            supersedes=supersedes,
        )
        change.session.add(row)
        change.unlogged()
        return row.id


def counted(store, operator, protocol="blue-6"):
    return Credentials(store).counted(operator, protocol, 3)


def test_nothing_counts_before_there_is_anything(store, people):
    assert counted(store, people[1]) == Counted(0, None)


def test_an_exam_counts_once_however_often_it_was_reviewed(store, people):
    boss, trainee = people
    first = exam(store, 1, trainee)
    review(store, first, boss, 4)
    review(store, first, boss, 5)
    assert counted(store, trainee).exams == 1


@pytest.mark.parametrize(
    ("fields", "value", "saved", "own"),
    [
        ({}, 2, True, False),
        ({}, 4, False, False),
        ({}, 4, True, True),
        ({"simulated": True}, 4, True, False),
        ({"protocol": "rush-14"}, 4, True, False),
    ],
)
def test_what_does_not_count(store, people, *, fields, value, saved, own):
    boss, trainee = people
    review(store, exam(store, 1, trainee, **fields), trainee if own else boss, value, saved=saved)
    assert counted(store, trainee).exams == 0


def test_a_review_that_its_reader_replaced_does_not_count(store, people):
    boss, trainee = people
    first = exam(store, 1, trainee)
    stored = review(store, first, boss, 5)
    review(store, first, boss, 1, supersedes=stored)
    assert counted(store, trainee).exams == 0


def test_the_newest_exam_counts_as_practice_reviewed_or_not(store, people):
    exam(store, 1, people[1])
    before = counted(store, people[1]).latest
    exam(store, 2, people[1])
    assert counted(store, people[1]).latest > before


def test_the_ledger_is_only_added_to(store, people):
    ledger = Credentials(store)
    for kind in ("course", "suspended", "restored"):
        ledger.add("B (boss)", people[1], NewEvent("blue-6", kind, note="seen"))
    assert [(event.kind, event.by, event.note) for event in ledger.of(people[1])] == [
        ("course", "B (boss)", "seen"),
        ("suspended", "B (boss)", "seen"),
        ("restored", "B (boss)", "seen"),
    ]
    with pytest.raises(RecordUnknown):
        ledger.add("B (boss)", "nobody", NewEvent("blue-6", "course"))
