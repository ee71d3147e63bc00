"""The queue of differences: what is in it, who sees it, who closes what, and what opens it again."""

import pytest

from edge.exam.exam import ExamRefused
from edge.exam.review.review import ImageQuality, ReviewAnswer, ZoneReading
from edge.feedback.discordance.cause import RootCause
from edge.feedback.discordance.difference import By, Kind
from edge.notice import NOT_VALIDATED
from edge.people.actor import SHELL_ACTOR, Actor, Grant, NotAllowed
from edge.people.permission import Role
from edge.records.discordance.closings import ClosedBefore, ClosingWithdrawn
from edge.records.errors import RecordUnknown
from edge.records.exams.findings import Findings
from edge.records.schema import ClipRow, ExamRow
from edge.services.discordance import ClosingRefused, DifferenceGone, DiscordanceService, Why
from tests.edge.exchange.conftest import KEYS
from tests.edge.feedback.performance.clinic import SIDES, SmallClinic

GOOD = ImageQuality(scale="lung-5", version="1.0.0", value=4)


@pytest.fixture
def clinic(tmp_path):
    made = SmallClinic(tmp_path / "data")
    made.senior = made.person("Senior", Role.OVER_READ, Role.INTERPRET)
    made.second = made.person("Second", Role.OVER_READ)
    yield made
    made.store.close()


@pytest.fixture
def service(clinic):
    return DiscordanceService(clinic.store, clinic.catalogue, clinic.reviews)


def read(clinic, exam_id, verdict, reader):
    """A saved review that states the same of every finding."""
    review = clinic.reviews.begin(reader, exam_id)
    zones = {zone: ZoneReading(findings=dict.fromkeys(KEYS, verdict)) for zone in clinic.reviews.to_read(reader, exam_id)}
    clinic.reviews.save(reader, review.id, ReviewAnswer(zones=zones, quality=GOOD), review.version)


def decide(clinic, exam_id, decision):
    finding = next(each for each in clinic.stored.records.undecided(exam_id) if each.key == "b_lines")
    Findings(clinic.store).decide(clinic.reader.name, finding.id, decision, None, finding.version, while_in=("preliminary",))


def change(clinic, kind, row_id, **columns):
    with clinic.store.write() as change:
        row = change.session.get_one(kind, row_id)
        for name, value in columns.items():
            setattr(row, name, value)
        change.unlogged()


def places(queue):
    return [each.difference.place[1:] for each in queue.items]


def the_b_lines(service, actor=SHELL_ACTOR, **how):
    return next(each for each in service.queue(actor, 50, **how).items if each.difference.finding == "b_lines")


def close(service, actor, listed, cause=RootCause.PERCEPTION, note=""):
    return service.close(actor, listed.difference.place, Why(cause, note, listed.difference.seen))


def test_a_reader_who_contradicts_the_model_makes_a_difference_for_each_finding(clinic, service):
    exam = clinic.one("present", "absent")
    found = service.queue(SHELL_ACTOR, 50)
    assert (places(found), found.after) == ([("L1", "b_lines"), ("L1", "severity_2_plus")], None)
    listed = found.items[0]
    assert (listed.exam.id, listed.difference.kind, listed.closing, listed.closed) == (exam, Kind.OPPOSED, None, False)
    assert [(each.by, each.who, each.blind) for each in listed.difference.statements] == [
        (By.MODEL, "", False),
        (By.REVIEW, clinic.reader.name, True),
    ]


def test_agreement_an_open_exam_a_simulated_one_and_a_zone_taken_again_make_none(clinic, service):
    accepted, again = clinic.one("present"), clinic.one("absent", zones=("R1",))  # R1 is taken twice: first the model could not tell
    decide(clinic, accepted, "accepted")
    decide(clinic, again, "accepted")
    simulated, draft = clinic.one("present", "absent"), clinic.one("present", "absent")
    clinic.make_simulated(simulated)
    change(clinic, ExamRow, draft, state="draft")
    assert service.queue(SHELL_ACTOR, 50).items == ()
    change(clinic, ExamRow, draft, state="preliminary")
    assert {each.exam.id for each in service.queue(SHELL_ACTOR, 50).items} == {draft}


def test_an_overruled_finding_is_a_difference_and_not_assessable_is_one_of_the_lower_kind(clinic, service):
    rejected, open_ = clinic.one("present"), clinic.one("present")
    decide(clinic, rejected, "rejected")
    decide(clinic, open_, "not_assessable")
    assert [(each.exam.id, each.difference.kind) for each in service.queue(SHELL_ACTOR, 50).items] == [
        (open_, Kind.UNSURE),
        (rejected, Kind.OPPOSED),
    ]
    assert [each.exam.id for each in service.queue(SHELL_ACTOR, 50, None, Kind.OPPOSED).items] == [rejected]
    assert [each.exam.id for each in service.queue(SHELL_ACTOR, 50, None, Kind.UNSURE).items] == [open_]


def test_the_sign_of_an_exam_against_what_turned_out_is_one_too(clinic, service):
    exam = clinic.one("present", zones=SIDES)
    clinic.turned_out(exam, present=False)
    (listed,) = service.queue(SHELL_ACTOR, 50).items
    assert listed.difference.place == (exam, "", "b_lines")
    assert close(service, clinic.senior, listed).closed


def test_the_answer_of_a_model_that_is_not_validated_there_is_marked(clinic, service):
    exam = clinic.one("present", "absent")
    (clip,) = clinic.stored.records.clips(exam)
    with clinic.store.write() as change:
        row = change.session.get_one(ClipRow, clip.id)
        row.assessment = {**row.assessment, "machine_validated": False}
        change.unlogged()
    assert [each.mark for each in the_b_lines(service).difference.statements] == [NOT_VALIDATED, ""]


def test_a_closed_difference_leaves_the_queue_with_its_cause_and_who_stated_it(clinic, service):
    clinic.one("present", "absent")
    listed = the_b_lines(service, clinic.senior)
    done = close(service, clinic.senior, listed, RootCause.ACQUISITION, "behind a rib")
    assert (done.closed, done.closing.closed_by, done.closing.note) == (True, clinic.senior.name, "behind a rib")
    assert list(done.closing.answers) == listed.difference.answers
    assert places(service.queue(clinic.senior, 50)) == [("L1", "severity_2_plus")]
    assert places(service.queue(clinic.senior, 50, closed=True)) == [("L1", "b_lines")]
    assert service.causes(clinic.senior) == {each: each is RootCause.ACQUISITION for each in RootCause}
    with pytest.raises(ClosedBefore, match="Senior"):
        close(service, clinic.senior, listed)


def test_another_answer_opens_it_again_and_the_earlier_closing_stays_with_it(clinic, service):
    exam = clinic.one("present", "absent")
    listed = the_b_lines(service, clinic.senior)
    close(service, clinic.senior, listed)
    third = clinic.person("Third", Role.INTERPRET)
    read(clinic, exam, "absent", third)
    again = the_b_lines(service, clinic.senior)
    assert (again.closed, again.closing.closed_by) == (False, clinic.senior.name)
    assert len(again.difference.statements) == len(listed.difference.statements) + 1
    with pytest.raises(DifferenceGone):
        close(service, clinic.senior, listed)
    assert close(service, clinic.senior, again, RootCause.MODEL).closed
    assert service.causes(clinic.senior)[RootCause.MODEL] == 1


def test_the_same_answer_given_again_leaves_it_closed(clinic, service):
    exam = clinic.one("present", "absent")
    close(service, clinic.senior, the_b_lines(service, clinic.senior))
    read(clinic, exam, "absent", clinic.reader)
    assert ("L1", "b_lines") not in places(service.queue(clinic.senior, 50))


def test_a_withdrawn_closing_opens_it_again_and_needs_a_reason(clinic, service):
    clinic.one("present", "absent")
    done = close(service, clinic.senior, the_b_lines(service, clinic.senior))
    with pytest.raises(ClosingRefused, match="without a reason"):
        service.withdraw(clinic.senior, done.closing.id, "  ")
    service.withdraw(clinic.senior, done.closing.id, " another zone ")
    again = the_b_lines(service, clinic.senior)
    assert (again.closed, again.closing.withdrawn_by, again.closing.why) == (False, clinic.senior.name, "another zone")
    with pytest.raises(ClosingWithdrawn):
        service.withdraw(clinic.senior, done.closing.id, "twice")
    assert close(service, clinic.senior, again).closed


def test_nobody_closes_a_difference_that_only_they_make(clinic, service):
    exam = clinic.one("present")
    read(clinic, exam, "absent", clinic.senior)
    with pytest.raises(ClosingRefused, match="your own"):
        close(service, clinic.senior, the_b_lines(service, clinic.senior))
    other = clinic.person("Other", Role.OVER_READ)
    assert close(service, other, the_b_lines(service, other)).closed


def test_only_who_over_reads_closes_and_only_who_reads_exams_sees(clinic, service):
    clinic.one("present", "absent")
    listed = the_b_lines(service, clinic.sara)
    for actor in (clinic.sara, clinic.reader, SHELL_ACTOR):
        with pytest.raises(NotAllowed):
            close(service, actor, listed)
    nurse = Actor("operator", "Abebe", "abebe", (Grant(Role.SERVICE),))
    with pytest.raises(NotAllowed):
        service.queue(nurse, 50)
    with pytest.raises(NotAllowed):
        service.causes(nurse)


def test_a_role_under_another_protocol_sees_and_closes_nothing_here(clinic, service):
    clinic.one("present", "absent")
    elsewhere = Actor("operator", "Else", "else", (Grant(Role.OVER_READ, "another"),))
    assert service.queue(elsewhere, 50).items == ()
    with pytest.raises(NotAllowed):
        close(service, elsewhere, the_b_lines(service))


def test_a_blind_reader_does_not_see_the_exam_until_the_own_review_is_saved(clinic, service):
    exam = clinic.one("present", "absent")
    change(clinic, ExamRow, exam, state="final", over_read=["random"])
    listed = the_b_lines(service, clinic.senior)
    assert service.queue(clinic.second, 50).items == ()
    with pytest.raises(ExamRefused, match="not shown to you yet"):
        close(service, clinic.second, listed)
    begun = clinic.reviews.begin(clinic.senior, exam)
    assert service.queue(clinic.senior, 50).items == ()
    zones = {"L1": ZoneReading(findings=dict.fromkeys(KEYS, "absent"))}
    clinic.reviews.save(clinic.senior, begun.id, ReviewAnswer(zones=zones, quality=GOOD), begun.version)
    read(clinic, exam, "absent", clinic.second)
    assert len(the_b_lines(service, clinic.second).difference.statements) == 4
    assert close(service, clinic.second, the_b_lines(service, clinic.second)).closed


def test_what_many_are_shown_is_what_each_is_shown(clinic):
    exam, other = clinic.one("present", "absent"), clinic.one("present", "absent")
    change(clinic, ExamRow, exam, state="final", over_read=["random"])
    clinic.reviews.begin(clinic.reader, clinic.exam_id)
    clinic.reviews.begin(clinic.senior, other)
    exams = [clinic.stored.records.get(each) for each in (exam, other, clinic.exam_id)]
    for actor in (clinic.senior, clinic.second, clinic.reader, clinic.sara, SHELL_ACTOR):
        assert clinic.reviews.shown(actor, exams) == {each.id for each in exams if clinic.reviews.shows(actor, each)}


def test_pages_have_whole_exams_and_lose_nothing(clinic, service):
    taken = [clinic.one("present", "absent") for _ in range(3)]
    first = service.queue(SHELL_ACTOR, 1)
    assert [each.exam.id for each in first.items] == [taken[2]] * 2
    rest = service.queue(SHELL_ACTOR, 4, first.after)
    assert [each.exam.id for each in rest.items] == [taken[1]] * 2 + [taken[0]] * 2


def test_what_does_not_exist_cannot_be_closed(clinic, service):
    exam = clinic.one("present", "present")
    for place, error in (((exam, "L1", "b_lines"), DifferenceGone), (("no exam", "L1", "b_lines"), RecordUnknown)):
        with pytest.raises(error):
            service.close(clinic.senior, place, Why(RootCause.MODEL, "", "0" * 16))
    with pytest.raises(RecordUnknown):
        service.withdraw(clinic.senior, "no closing", "why")
