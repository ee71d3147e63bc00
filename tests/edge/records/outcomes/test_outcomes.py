"""Outcomes as recorded: added once, withdrawn with a reason, and never gone."""

import pytest

from edge.records.audit.trail import AuditTrail
from edge.records.errors import RecordUnknown
from edge.records.outcomes.outcomes import NewOutcome, Outcomes, OutcomeWithdrawn

CT = NewOutcome("pneumonia", True, "ct", "2026-11-20", "right lower lobe")


@pytest.fixture
def outcomes(data):
    return Outcomes(data.store)


@pytest.fixture
def exam(data):
    return data.exam()


def acts(data):
    return [each.entry.act for each in AuditTrail(data.store).newest(20) if each.entry.act.startswith("outcome.")][::-1]


def test_an_outcome_is_recorded_with_who_and_when_and_in_the_audit_trail(data, outcomes, exam):
    made = outcomes.add("Sara", exam.id, CT)
    assert outcomes.of_exam(exam.id) == (made,)
    assert (made.condition, made.present, made.reference, made.on, made.note) == ("pneumonia", True, "ct", "2026-11-20", "right lower lobe")
    assert (made.recorded_by, made.withdrawn_at, made.why) == ("Sara", None, "")
    assert acts(data) == ["outcome.recorded"]


def test_the_same_outcome_is_recorded_once_and_another_one_beside_it(data, outcomes, exam):
    first = outcomes.add("Sara", exam.id, CT)
    assert outcomes.add("Almaz", exam.id, CT) == first
    differs = outcomes.add("Almaz", exam.id, NewOutcome("pneumonia", False, "panel", "2026-11-21"))
    assert outcomes.of_exam(exam.id) == (first, differs)
    assert acts(data) == ["outcome.recorded"] * 2


def test_a_withdrawn_outcome_stays_with_the_reason_and_can_be_recorded_again(data, outcomes, exam):
    first = outcomes.add("Sara", exam.id, CT)
    gone = outcomes.withdraw("Almaz", first.id, "another patient")
    assert (gone.withdrawn_by, gone.why) == ("Almaz", "another patient")
    assert gone.withdrawn_at is not None
    again = outcomes.add("Sara", exam.id, CT)
    assert outcomes.of_exam(exam.id) == (gone, again)
    assert acts(data) == ["outcome.recorded", "outcome.withdrawn", "outcome.recorded"]
    with pytest.raises(OutcomeWithdrawn, match="Almaz"):
        outcomes.withdraw("Sara", first.id, "twice")


def test_it_survives_a_restart(data, exam):
    made = Outcomes(data.store).add("Sara", exam.id, CT)
    assert Outcomes(data.open()).get(made.id) == made


def test_an_unknown_exam_or_outcome_is_an_error(outcomes):
    with pytest.raises(RecordUnknown):
        outcomes.add("Sara", "no exam", CT)
    with pytest.raises(RecordUnknown):
        outcomes.withdraw("Sara", "no outcome", "why")
    assert outcomes.of_exam("no exam") == ()
