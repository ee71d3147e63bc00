"""Outcomes of exams: who records them, what is refused, what holds, and that a blind reader does not see them."""

from datetime import timedelta

import pytest

from edge.exam.exam import ExamRefused
from edge.feedback.truth.condition import ConditionUnknown, Reference
from edge.feedback.truth.standing import Open, OutcomeRefused, Stated
from edge.people.actor import Actor, Grant, NotAllowed
from edge.people.permission import Role
from edge.records.schema import ExamRow
from edge.services.outcome import OutcomeService
from tests.edge.exchange.conftest import Ward

SERVICE = Actor("operator", "Abebe", "abebe", (Grant(Role.SERVICE),))


@pytest.fixture
def ward(tmp_path):
    made = Ward(tmp_path / "data", size=64)
    yield made
    made.store.close()


@pytest.fixture
def hidden():
    return set()


@pytest.fixture
def outcomes(ward, hidden):
    return OutcomeService(ward.stored, lambda actor, _: actor.name not in hidden)


@pytest.fixture
def on(ward):
    return ward.store.now().date()


def test_what_was_recorded_is_read_with_what_holds(ward, outcomes, on):
    outcomes.record(ward.sara, ward.exam_id, Stated("pneumonia", True, Reference.XRAY, on), "right lower lobe")
    outcomes.record(ward.reader, ward.exam_id, Stated("pneumonia", False, Reference.CT, on))
    outcomes.record(ward.reader, ward.exam_id, Stated("pleural-effusion", None, Reference.CT, on))
    found = outcomes.of_exam(ward.reader, ward.exam_id)
    assert [(each.reference, each.recorded_by, each.note) for each in found.outcomes] == [
        ("x-ray", ward.sara.name, "right lower lobe"),
        ("ct", ward.reader.name, ""),
        ("ct", ward.reader.name, ""),
    ]
    pneumonia, effusion = found.truths
    assert (pneumonia.condition, pneumonia.present, pneumonia.reference) == ("pneumonia", False, Reference.CT)
    assert (effusion.present, effusion.why) == (None, Open.NOT_TOLD)


def test_what_is_known_counts_exams_of_real_patients_only(ward, outcomes, on):
    real = [ward.take(identifier=f"P-{number}", zones={"L1": "absent"}) for number in range(3)]
    for exam, present in zip(real, (True, False, None), strict=True):
        outcomes.record(ward.reader, exam, Stated("pneumonia", present, Reference.CT, on))
    outcomes.withdraw(ward.reader, outcomes.record(ward.reader, real[0], Stated("covid-19", True, Reference.LABORATORY, on)).id, "another")
    with ward.store.write() as change:
        change.session.get(ExamRow, ward.exam_id).simulated = True
        change.log("test", "exam.changed", "exam")
    outcomes.record(ward.reader, ward.exam_id, Stated("pneumonia", True, Reference.CT, on))
    known = {each.condition: (each.present, each.absent, each.open) for each in outcomes.known(ward.reader)}
    assert known["pneumonia"] == (1, 1, 1)
    assert known["covid-19"] == (0, 0, 0)


def test_a_withdrawn_outcome_holds_nothing_and_needs_a_reason(ward, outcomes, on):
    made = outcomes.record(ward.reader, ward.exam_id, Stated("pneumonia", True, Reference.CT, on))
    with pytest.raises(OutcomeRefused, match="without a reason"):
        outcomes.withdraw(ward.reader, made.id, "  ")
    outcomes.withdraw(ward.reader, made.id, " another patient ")
    found = outcomes.of_exam(ward.reader, ward.exam_id)
    assert found.outcomes[0].why == "another patient"
    assert found.truths == ()


def test_what_cannot_be_true_is_refused_and_nothing_is_recorded(ward, outcomes, on):
    for outcome, error in (
        (Stated("gout", True, Reference.CT, on), ConditionUnknown),
        (Stated("pneumothorax", True, Reference.LABORATORY, on), OutcomeRefused),
        (Stated("pneumonia", True, Reference.CT, on + timedelta(2)), OutcomeRefused),
        (Stated("pneumonia", True, Reference.CT, on - timedelta(9)), OutcomeRefused),
    ):
        with pytest.raises(error):
            outcomes.record(ward.reader, ward.exam_id, outcome)
    assert outcomes.of_exam(ward.reader, ward.exam_id).outcomes == ()


def test_an_open_exam_has_no_outcome_yet(ward, outcomes, on):
    with ward.store.write() as change:
        change.session.get(ExamRow, ward.exam_id).state = "draft"
        change.log("test", "exam.changed", "exam")
    with pytest.raises(ExamRefused, match="still open"):
        outcomes.record(ward.reader, ward.exam_id, Stated("pneumonia", True, Reference.CT, on))


def test_who_has_no_part_in_exams_neither_reads_nor_records(ward, outcomes, on):
    with pytest.raises(NotAllowed):
        outcomes.of_exam(SERVICE, ward.exam_id)
    with pytest.raises(NotAllowed):
        outcomes.record(SERVICE, ward.exam_id, Stated("pneumonia", True, Reference.CT, on))


def test_a_blind_reader_does_not_see_it_and_can_still_record_one(ward, outcomes, hidden, on):
    hidden.add(ward.reader.name)
    outcomes.record(ward.reader, ward.exam_id, Stated("pneumonia", True, Reference.CT, on))
    with pytest.raises(ExamRefused, match="not shown to you yet"):
        outcomes.of_exam(ward.reader, ward.exam_id)
