"""Cards: what a person answered is judged by what others state, and counts from the next day on."""

from datetime import datetime, timedelta, timezone

import pytest

from edge.disk.layout import DataFolder
from edge.exam.review.review import ImageQuality, ReviewAnswer, ZoneReading
from edge.feedback.people.compute import cards_at
from edge.feedback.people.day import last_midnight
from edge.feedback.people.stored import StoredCards
from edge.feedback.statistics.figure import Figure, NoFigure, Why
from edge.people.permission import Role
from edge.records.schema import ExamRow, OperatorRow
from tests.edge.exchange.conftest import KEYS
from tests.edge.feedback.people.clinic import PeopleClinic, counts, of_curve, of_finding


def test_the_figures_are_those_counted_by_hand(counted):
    side = counted.card().operator
    b_lines = of_finding(side)
    assert side.exams == 15  # of which in 13 both state something
    assert (counts(b_lines.missed), counts(b_lines.overcalled), counts(b_lines.agreement)) == ((2, 6), (1, 7), (10, 13))
    assert b_lines.missed.share.value == pytest.approx(2 / 6)
    assert b_lines.missed.share.low < 1 / 6 < 2 / 6 < 0.6 < b_lines.missed.share.high
    chance = (5 * 6 + 8 * 7) / 13**2
    assert b_lines.kappa.value == pytest.approx((10 / 13 - chance) / (1 - chance))
    assert counts(side.together.missed) == (3 * 2, 3 * 6)
    assert side.together.missed.share.patients == 6
    assert [each.finding for each in side.findings] == sorted(KEYS)


def test_nobody_is_judged_before_the_next_day(counted):
    assert counted.cards(days=0).cards == {}
    tomorrow = counted.cards(days=1)
    assert tomorrow.until <= tomorrow.at < tomorrow.until + timedelta(days=1)
    assert tomorrow.cards[counted.sara.operator_id].operator.exams == 15


def test_midnight_is_that_of_the_appliance():
    now = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
    until = last_midnight(now)
    assert (until.hour, until.minute) == (0, 0)
    assert until <= now < until + timedelta(days=1)


def test_an_answer_counts_for_who_gave_it_although_another_person_replaced_it(clinic):
    exam_id = clinic.exam("absent")
    clinic.decide(exam_id, "present", by=clinic.reader)
    clinic.over_read(exam_id, "present")
    cards = clinic.cards().cards
    assert counts(of_finding(cards[clinic.sara.operator_id].operator).missed) == (1, 1)
    assert cards[clinic.reader.operator_id].operator is None
    assert counts(cards[clinic.reader.operator_id].trust.accepted) == (2, 3)  # the model states a_lines absent


def test_nobody_is_the_truth_for_themselves(clinic):
    exam_id = clinic.exam("absent")
    clinic.over_read(exam_id, "present", by=clinic.sara)
    card = clinic.card()
    assert card.operator is None
    assert card.reader is None
    clinic.over_read(exam_id, "absent")
    card = clinic.card()
    assert counts(of_finding(card.operator).agreement) == (1, 1)
    assert counts(of_finding(card.reader).overcalled) == (1, 1)


def test_a_first_reading_counts_where_its_reader_may_over_read(clinic):
    exam_id = clinic.exam("absent")
    clinic.over_read(exam_id, "present", by=clinic.reader, kind="first")
    assert clinic.card().operator is None
    clinic.over_read(exam_id, "present", kind="first")
    assert counts(of_finding(clinic.card().operator).missed) == (1, 1)


def test_over_readers_who_contradict_each_other_state_nothing(clinic):
    exam_id = clinic.exam("absent", "present")
    clinic.over_read(exam_id, "absent", by=clinic.person("Dr. Second", Role.OVER_READ))
    side = clinic.card().operator
    assert (side.findings, of_curve(side)) == ((), None)


def test_of_a_reader_the_first_answer_counts_and_not_the_corrected_one(clinic):
    exam_id = clinic.one("present")
    clinic.over_read(exam_id, "absent", by=clinic.reader, kind="first")
    clinic.over_read(exam_id, "present")
    clinic.over_read(exam_id, "present", by=clinic.reader, kind="first")
    side = clinic.card(clinic.reader).reader
    assert counts(of_finding(side).missed) == (1, 1)
    assert of_curve(side).failed == 1


def test_scanning_and_reading_are_apart(clinic):
    exam_id = clinic.exam("present", "present")
    clinic.over_read(exam_id, "absent", by=clinic.sara, kind="first")
    card = clinic.card()
    assert (counts(card.operator.together.missed), counts(card.reader.together.missed)) == ((0, 3), (3, 3))


def test_a_zone_fails_by_the_opposite_and_is_no_trial_where_one_cannot_tell(clinic):
    clinic.exam("present", "present")
    clinic.exam("absent", "present")
    clinic.exam("present", "not assessable")
    clinic.exam("not assessable", "absent")
    clinic.exam(None, "present")  # answered nothing
    curve = of_curve(clinic.card().operator)
    assert (curve.trials, curve.failed, curve.untold, curve.exams) == (2, 1, 2, 2)
    assert [(each.exam, each.zone, each.failed) for each in curve.points] == [(1, "L1", False), (2, "L1", True)]
    assert (curve.acceptable, curve.unacceptable) == (0.1, 0.2)


def test_zones_of_an_exam_follow_each_other_as_in_the_protocol(clinic):
    exam_id = clinic.one("present", zones=("R2", "L1"))
    clinic.decide(exam_id, "present")
    clinic.over_read(exam_id, "present")
    curve = of_curve(clinic.card().operator)
    assert [(each.exam, each.zone) for each in curve.points] == [(1, "L1"), (1, "R2")]


def test_an_exam_with_poor_images_fails_for_who_took_it(clinic):
    for stated, quality in (("present", 3), ("absent", 4), ("present", 2), (None, 1)):
        clinic.exam(stated, "present", quality=quality)
    curve = of_curve(clinic.card().operator, None)
    assert (curve.trials, curve.failed, [each.failed for each in curve.points]) == (4, 2, [False, False, True, True])


def test_poor_images_are_not_the_fault_of_a_reader(clinic):
    exam_id = clinic.one("present")
    clinic.over_read(exam_id, "present", by=clinic.reader, kind="first")
    clinic.over_read(exam_id, "present", quality=1)
    side = clinic.card(clinic.reader).reader
    assert (of_curve(side).failed, of_curve(side, None)) == (0, None)


@pytest.mark.parametrize(
    ("reasons", "exams", "chosen"), [(["discordant", "abstained"], 0, 1), (["discordant", "random"], 1, 0), ([], 1, 0)]
)
def test_an_exam_that_was_over_read_for_its_answers_does_not_count(clinic, reasons, exams, chosen):
    clinic.exam("present", "present")
    exam_id = clinic.exam("absent", "present")
    with clinic.store.write() as change:
        change.session.get_one(ExamRow, exam_id).over_read = reasons
        change.unlogged()
    card = clinic.card()
    assert (card.operator.exams, card.operator.chosen) == (1 + exams, chosen)
    assert card.trust.rejected_right.of == 2 + 2 * exams  # the model is right of two findings


def test_trust_is_what_was_accepted_of_the_right_and_of_the_wrong_answers(clinic):
    for _ in range(6):
        clinic.exam("present", "absent")  # accepts b_lines and severity, which are wrong; corrects a_lines, which are wrong too
    for _ in range(5):
        clinic.exam("absent", "present")  # rejects both, which are right
    trust = clinic.card().trust
    assert counts(trust.accepted) == (6 * 2 + 5, 11 * 3)
    assert counts(trust.accepted_wrong) == (6 * 2 + 5 * 1, 6 * 2 + 5 * 1)
    assert counts(trust.rejected_right) == (6 * 1 + 5 * 2, 6 * 1 + 5 * 2)
    assert isinstance(trust.accepted_wrong.share, Figure)


def test_zone_scores_of_readers_have_a_weighted_kappa(clinic):
    for mine, over in ((0, 0), (1, 1), (2, 2), (3, 3), (0, 1), (3, 2)):
        exam_id = clinic.one("present")
        clinic.over_read(exam_id, "present", by=clinic.reader, kind="first", score=mine)
        clinic.over_read(exam_id, "present", score=over)
    side = clinic.card(clinic.reader).reader
    assert side.scored == 6
    observed = 2 / 6  # the mean square difference
    chance = sum((a - b) ** 2 for a in (0, 1, 2, 3, 0, 3) for b in (0, 1, 2, 3, 1, 2)) / 36
    assert side.scores.value == pytest.approx(1 - observed / chance)


def test_the_score_of_decisions_is_compared_on_what_they_can_tell(clinic):
    clinic.over_read(clinic.exam("present"), "present", score=3)  # severity 2 or more
    clinic.over_read(clinic.exam("absent"), "absent", score=0)
    side = clinic.card().operator
    assert (side.scored, side.scores) == (2, NoFigure(Why.FEW))


def test_time_and_quality_leave_out_what_no_exam_takes(clinic):
    for minutes in (4, 6, 8, 10, 300, -5, 0):
        clinic.took(clinic.exam("present"), minutes)
    (pace,) = clinic.card().paces
    assert (pace.exams, pace.untimed, pace.minutes.low, pace.minutes.median, pace.minutes.high) == (7, 3, 5.5, 7.0, 8.5)
    assert pace.quality.median == 80.0
    assert (pace.site_minutes, pace.site_quality) == (None, None)


def test_an_exam_without_a_patient_counts_in_the_curve_only(clinic):
    exam_id = clinic.exam("absent", "present")
    with clinic.store.write() as change:
        change.session.get_one(ExamRow, exam_id).patient_id = None
        change.unlogged()
    side = clinic.card().operator
    assert (side.exams, side.unnamed, counts(side.together.missed), len(of_curve(side).points)) == (1, 1, (0, 0), 1)


def test_a_retired_person_has_no_card(counted):
    with counted.store.write() as change:
        change.session.get_one(OperatorRow, counted.sara.operator_id).retired_at = change.now
        change.unlogged()
    assert counted.sara.operator_id not in counted.cards().cards


def test_an_empty_site_has_no_cards(tmp_path):
    clinic = PeopleClinic(tmp_path / "data")
    found = clinic.cards()
    clinic.store.close()
    assert (found.cards, found.group) == ({}, None)


def test_a_process_of_its_own_computes_the_same_and_the_file_gives_it_back(counted):
    *_, found = cards_at(counted.folder)
    stored = StoredCards(DataFolder(counted.folder).cards)
    stored.put(found)
    assert stored.get() == found


def test_a_review_of_the_page_is_read(clinic):
    """The service saves the same form as the clinic does."""
    exam_id = clinic.exam("absent")
    review = clinic.reviews.begin(clinic.reader, exam_id)
    zones = {"L1": ZoneReading(findings=dict.fromkeys(KEYS, "absent"), score=0)}
    quality = ImageQuality(scale="lung-5", version="1.0.0", value=4)
    clinic.reviews.save(clinic.reader, review.id, ReviewAnswer(zones=zones, quality=quality), review.version)
    clinic.over_read(exam_id, "present", score=1)
    assert counts(of_finding(clinic.card(clinic.reader).reader).missed) == (1, 1)
