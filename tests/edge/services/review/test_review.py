"""Reviews: blind until saved, never overwritten, and what departs from others is found."""

from dataclasses import replace

import pytest

from edge.exam.review.review import ReviewRefused
from edge.people.actor import UNCLAIMED_ACTOR, NotAllowed
from edge.people.permission import Role
from edge.records.errors import RecordStale, RecordUnknown
from edge.records.exams.reviews import standing
from edge.services.review import place_of, reasons_of


def test_a_blind_reader_sees_nothing_until_their_own_review_is_saved(site, trainee, reader, answer):
    first = site.person("Dr. First", Role.INTERPRET)
    exam = site.exam(trainee)
    site.read(first, exam, answer())
    review = site.review.begin(reader, exam.id)
    assert review.blind
    assert site.review._hides(reader, exam)
    assert [each.reviewer for each in site.review.of_exam(reader, exam.id)] == [reader.name]
    assert not site.review._hides(trainee, exam)
    site.review.save(reader, review.id, answer(), review.version)
    assert not site.review._hides(reader, exam)
    assert {each.reviewer for each in site.review.of_exam(reader, exam.id)} == {reader.name, first.name}


def test_who_can_only_over_read_is_blind_to_a_sampled_exam_before_they_begin(site, reader, over_reader, answer, shows):
    exam = site.exam(zones={"L1": shows(unsure=True)})
    site.read(reader, exam, answer(("L1",)))
    site.decide_all(exam, decision="not_assessable")
    site.sign(reader, exam)
    exam = site.exams.get(exam.id)
    assert "abstained" in exam.over_read
    assert site.review._hides(over_reader, exam)
    assert site.review.of_exam(over_reader, exam.id) == ()
    review = site.review.begin(over_reader, exam.id)
    assert (review.kind, review.blind) == ("over-read", True)
    site.review.save(over_reader, review.id, answer(("L1",)), review.version)
    assert not site.review._hides(over_reader, exam)


def test_a_site_may_let_first_readers_see_the_model(site, trainee, reader):
    site.review.rule = replace(site.rule, blind_first=False)
    exam = site.exam(trainee)
    assert not site.review.begin(reader, exam.id).blind
    assert not site.review._hides(reader, exam)


def test_by_site_policy_an_operator_who_is_not_qualified_sees_the_model_after_the_review_only(site, reader):
    trainee = site.person("Learner", Role.SCAN)
    exam = site.exam(trainee)
    assert site.review.shows(trainee, exam)
    site.review.rule = replace(site.rule, shown_first=False)
    assert not site.review.shows(trainee, exam)
    assert site.review.shows(trainee, site.exam(trainee, qualified=True))
    assert site.review.shows(reader, exam)


def test_a_review_begun_again_is_the_same_one(site, trainee, reader):
    exam = site.exam(trainee)
    assert site.review.begin(reader, exam.id) == site.review.begin(reader, exam.id)


def test_a_saved_review_is_never_changed_and_a_corrected_one_takes_its_place(site, trainee, reader, answer):
    exam = site.exam(trainee)
    saved = site.read(reader, exam, answer())
    with pytest.raises(RecordStale, match="cannot be changed"):
        site.review.save(reader, saved.id, answer(quality=1), saved.version)
    corrected = site.read(reader, exam, answer(quality=2))
    assert (corrected.supersedes, corrected.blind) == (saved.id, False)
    every = site.review.of_exam(reader, exam.id)
    assert [each.quality["value"] for each in every] == [4, 2]
    assert [each.id for each in standing(every)] == [corrected.id]


def test_what_departs_from_the_model_or_from_a_reader_before_is_found(site, trainee, reader, answer, shows):
    other = site.person("Dr. Other", Role.INTERPRET)
    exam = site.exam(trainee, zones={"L1": shows(present=True), "L2": shows(), "L3": shows(unsure=True)})
    zones = ("L1", "L2", "L3")
    same = answer(zones, L1_b_lines="present", L1_a_lines="absent", L1_severity_2_plus="present")
    assert site.read(reader, exam, same).discordant == ()
    departs = answer(zones, L1_b_lines="absent", L1_a_lines="absent", L1_severity_2_plus="not assessable", L3_b_lines="present")
    assert site.read(other, exam, departs).discordant == ("L1:b_lines", "L1:severity_2_plus", "L3:b_lines")


def test_a_reader_cannot_save_a_review_of_somebody_else_nor_an_older_version(site, trainee, reader, answer):
    exam = site.exam(trainee)
    review = site.review.begin(reader, exam.id)
    with pytest.raises(NotAllowed, match="another reader"):
        site.review.save(site.person("Dr. Other", Role.INTERPRET), review.id, answer(), review.version)
    with pytest.raises(RecordStale):
        site.review.save(reader, review.id, answer(), review.version + 1)
    with pytest.raises(RecordUnknown):
        site.review.save(reader, "none", answer(), 1)


def test_an_answer_tells_every_recorded_zone_and_no_other(site, trainee, reader, answer, shows):
    exam = site.exam(trainee, zones={"L1": shows(), "L2": None})
    review = site.review.begin(reader, exam.id)
    for wrong, what in (((), "L1"), (("L1", "L2"), "L2 was not recorded"), (("L1", "X9"), "X9 was not recorded")):
        with pytest.raises(ReviewRefused, match=what):
            site.review.save(reader, review.id, answer(wrong), review.version)
    assert site.review.save(reader, review.id, answer(("L1",)), review.version).saved_at


def test_who_took_read_or_signed_an_exam_does_not_over_read_it(site, trainee, answer):
    both = site.person("Dr. Both", Role.INTERPRET, Role.OVER_READ)
    exam = site.exam(both, qualified=True)
    site.decide_all(exam)
    site.sign(both, exam)
    with pytest.raises(ReviewRefused, match="neither taken, read nor signed"):
        site.review.begin(both, exam.id)


@pytest.mark.parametrize("role", [None, *Role])
def test_only_interpreters_read_first_and_only_over_readers_read_again(site, trainee, reader, answer, role):
    asks = site.person("Somebody", *([role] if role else []))
    fresh, final = site.exam(trainee), site.exam(trainee)
    site.read(reader, final, answer())
    site.decide_all(final)
    site.sign(reader, final)
    for exam, wanted in ((fresh, Role.INTERPRET), (final, Role.OVER_READ)):
        if role is wanted:
            assert site.review.begin(asks, exam.id).reviewer == asks.name
        else:
            with pytest.raises(NotAllowed):
                site.review.begin(asks, exam.id)
    with pytest.raises(NotAllowed):
        site.review.begin(UNCLAIMED_ACTOR, fresh.id)


def test_a_draft_is_not_reviewed_nor_an_exam_of_another_protocol(site, trainee, reader):
    with pytest.raises(ReviewRefused, match="still open"):
        site.review.begin(reader, site.exam(trainee, end=False).id)
    elsewhere = site.person("Dr. Elsewhere", Role.INTERPRET, protocol="lus-8")
    with pytest.raises(NotAllowed):
        site.review.begin(elsewhere, site.exam(trainee).id)


def test_the_queue_holds_what_was_never_read_first_and_then_what_is_to_be_over_read(site, trainee, reader, answer, shows):
    both = site.person("Dr. Both", Role.INTERPRET, Role.OVER_READ)
    to_over_read = site.exam(trainee, zones={"L1": shows(unsure=True)})
    site.read(reader, to_over_read, answer(("L1",)))
    site.decide_all(to_over_read, decision="not_assessable")
    site.sign(reader, to_over_read)
    site.exam(trainee, qualified=True)
    fresh, fresher = site.exam(trainee), site.exam(trainee)
    queue = site.review.queue(both, 50)
    assert [each.exam_id for each in queue] == [fresh.id, fresher.id, to_over_read.id]
    assert [reasons_of(each) for each in queue] == [("unqualified",), ("unqualified",), ("abstained",)]
    assert [each.exam_id for each in site.review.queue(reader, 50)] == [fresh.id, fresher.id]
    with pytest.raises(NotAllowed):
        site.review.queue(trainee, 50)
    assert site.review.queue(site.person("Dr. Elsewhere", Role.INTERPRET, protocol="lus-8"), 50) == ()
    page_by_page, after = [], None
    while page := site.review.queue(both, 1, after):
        page_by_page, after = [*page_by_page, *page], place_of(page[-1])
    assert tuple(page_by_page) == queue
    site.read(reader, fresh, answer())
    assert fresh.id not in {each.exam_id for each in site.review.queue(both, 50)}
