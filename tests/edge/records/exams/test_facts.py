"""The facts of an exam: named once, stored in their columns or in one column for the rest, and never with free text in the audit trail."""

from datetime import datetime, timezone

import pytest
from pydantic import ValidationError

from edge.records.exams.context import PatientContext
from edge.records.exams.facts import COLUMNS, NOT_FACTS, ExamFacts, columns_of, facts_of
from edge.records.exams.order import Order
from edge.records.schema import ExamRow

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)


def facts(kind=ExamFacts, **more):
    texts = dict.fromkeys(("id", "study_uid", "folder", "protocol", "protocol_version", "protocol_digest", "operator"), "x")
    return kind(**texts, state="draft", simulated=False, qualified=True, begun_at=NOON, **more)


class WithRoom(ExamFacts):
    """The facts of a program that knows one more."""

    room: str = ""


def test_every_column_is_a_fact_and_every_fact_has_a_column_or_is_known_to_have_none():
    assert ExamFacts.model_fields.keys() == (COLUMNS.keys() - NOT_FACTS) | {"site", "order"}


def test_facts_are_the_same_from_their_row_as_they_were():
    whole = facts(context=PatientContext(complaint="cough"), over_read=("random",), emergency=True, ended_at=NOON)
    row = ExamRow(**columns_of(whole))
    assert (row.facts, row.context["complaint"], row.over_read) == (None, "cough", ["random"])
    assert ExamFacts.model_validate(facts_of(row)) == whole


def test_a_fact_without_a_column_needs_no_migration_and_survives_a_program_that_does_not_know_it():
    row = ExamRow(**columns_of(facts(WithRoom, room="3")))
    assert row.facts == {"room": "3"}
    known_here = ExamFacts.model_validate(facts_of(row))
    again = ExamRow(**columns_of(known_here))
    assert WithRoom.model_validate(facts_of(again)).room == "3"


def test_what_was_stated_is_stored_and_what_nobody_stated_is_not():
    row = ExamRow(**columns_of(facts(order=Order(accession="ACC-1"))))
    assert row.facts == {"order": {**Order().model_dump(), "accession": "ACC-1"}}
    assert ExamFacts.model_validate(facts_of(row)).order.accession == "ACC-1"


def test_no_free_text_is_in_the_audit_trail():
    assert facts(WithRoom, room="of Ato Abebe", emergency=True, patient_id="p").audited == {
        "emergency": True,
        "protocol": "x",
        "protocol_version": "x",
        "qualified": True,
        "patient": "p",
    }


def test_facts_never_change_and_are_whole():
    with pytest.raises(ValidationError):
        facts().state = "final"
    with pytest.raises(ValidationError, match="operator"):
        ExamFacts.model_validate({"id": "x"})
