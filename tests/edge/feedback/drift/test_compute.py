"""The watch over the records of a site: who counts, from when on, and after which decision."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from edge.feedback.drift.compute import drift_of
from edge.feedback.drift.course import MOST_LINES, REFERENCE_EXAMS, Course
from edge.feedback.drift.figures import DriftFigures, State
from edge.feedback.drift.measure import Way
from edge.feedback.drift.timeline import Periods
from edge.feedback.drift.words import sentence
from edge.feedback.progress import Progress
from edge.records.drift.events import DriftEvents, Found
from edge.records.exams.clip_answers import AnsweredClip, ClipAnswers, ClipsOfExam, newest_release
from edge.records.opening import open_records
from tests.edge.feedback.drift.site import BEGUN, RELEASE, Site, drawn


def found(store, release=RELEASE):
    *progress, figures = drift_of(store, release)
    assert all(isinstance(each, Progress) for each in progress)
    assert DriftFigures.model_validate_json(figures.model_dump_json()) == figures
    return figures


@pytest.fixture
def site(tmp_path):
    store = open_records(tmp_path / "data")
    yield Site(store)
    store.close()


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A site whose gain changed after 150 exams of the reference and 20 steady ones."""
    store = open_records(tmp_path_factory.mktemp("data") / "data")
    made = Site(store)
    made.exams(REFERENCE_EXAMS + 20)
    made.exams(30, gain=4)
    yield made
    store.close()


def test_without_exams_the_reference_is_being_collected(site):
    figures = found(site.store)
    assert (figures.state, figures.reference.exams, figures.reference.wanted) == (State.COLLECTING, 0, REFERENCE_EXAMS)
    assert newest_release(site.store) is None


def test_only_ended_exams_of_real_patients_with_an_answer_of_this_release_count_and_one_in_a_stay(site):
    site.exams(3)
    site.exam(state="draft")
    site.exam(simulated=True)
    site.exam(release="lung-s-0.4.0")
    site.exam(clips=0)
    site.exam(patient=1)
    site.exam(patient=1, days=40)
    figures = found(site.store)
    assert (figures.reference.exams, figures.same_stay, figures.counted) == (4, 1, 7)
    assert ClipAnswers(site.store, RELEASE).count() == 5
    assert newest_release(site.store) == RELEASE


def test_a_change_stops_the_watch_with_dated_evidence(stopped):
    figures = found(stopped.store)
    assert (figures.state, figures.reference.exams) == (State.STOP, REFERENCE_EXAMS)
    assert figures.evidence[0].channel == "bright"
    first = next(each for each in figures.evidence if each.way is Way.HIGHER)
    assert 15 <= first.since <= 22
    assert first.since_at == BEGUN + timedelta(hours=REFERENCE_EXAMS + first.since)
    assert sentence(first).startswith("the brightness is higher since the exam of 2026-01-")
    assert figures.exams < 50
    assert len(figures.lines) == MOST_LINES
    assert all(len(line.shares) == len(figures.at_exams) for line in figures.lines)
    assert figures.lines[0].shares[-1] >= 1
    assert found(stopped.store).evidence == figures.evidence


def test_steady_exams_are_steady(site):
    site.exams(REFERENCE_EXAMS + 40)
    figures = found(site.store)
    assert (figures.state, figures.exams, figures.evidence) == (State.STEADY, 40, ())


def decide(store, figures, decision):
    first = figures.evidence[0]
    about = Found(RELEASE, figures.exam_id, first.since_exam_id, {"state": "stop"})
    events = DriftEvents(store)
    return events.decide("boss", about, decision, "why", events.of(RELEASE)[-1].id if events.of(RELEASE) else None)


def test_after_watch_again_only_later_exams_are_watched_and_after_a_new_reference_the_exams_since_the_change_are_it(stopped):
    before = found(stopped.store)
    again = decide(stopped.store, before, "watch-again")
    figures = found(stopped.store)
    assert (figures.state, figures.exams, figures.decision) == (State.STEADY, 0, again.id)
    renewed = decide(stopped.store, before, "new-reference")
    figures = found(stopped.store)
    assert (figures.state, figures.decision, figures.reference.renewed) == (State.COLLECTING, renewed.id, True)
    assert figures.reference.begun == before.evidence[0].since_at
    assert figures.reference.exams == 50 - before.evidence[0].since + 1


def exam_of(number, clips, at=BEGUN):
    return ClipsOfExam(f"{number:06d}", at, None, clips)


def course(clips, count=100, wanted=60):
    watch = Course(Periods(), wanted)
    for number in range(count):
        watch.add(exam_of(number, clips(number)))
    return watch.figures(RELEASE, BEGUN, count)


def test_exams_that_are_all_the_same_are_steady():
    same = (AnsweredClip(None, {"b_lines": 0.5}),) * 4
    figures = course(lambda _: same)
    assert (figures.state, figures.exams) == (State.STEADY, 40)
    assert "nan" not in figures.model_dump_json().lower()


def test_exams_that_measure_nothing_in_common_are_no_reference():
    figures = course(lambda number: (AnsweredClip(None, {f"finding {number}": 0.5}),))
    assert (figures.state, figures.exams, figures.evidence) == (State.NO_REFERENCE, 0, ())


def test_a_release_with_other_features_in_one_exam_is_left_out_and_counted():
    rng = np.random.default_rng(3)

    def clips(number):
        images, values = drawn(rng)
        return (AnsweredClip(replace(images, features="AAAAAAAA") if number == 99 else images, values),) * 3

    figures = course(clips)
    assert (figures.unusable, figures.exams) == (1, 39)
