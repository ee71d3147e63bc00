import json
from collections import Counter
from dataclasses import asdict

import numpy as np
import pytest

from edge.feedback.drift.errors import SignalsRefused
from edge.feedback.drift.reference import LEAST_LIMIT, Reference
from edge.feedback.drift.signals import Signals
from edge.feedback.drift.verdict import Drift, Verdict
from edge.feedback.drift.watch import Watch
from tests.edge.feedback.drift.ward import KINDS, OUTPUTS, exams

WARDS = 4
LATEST = 60


def watched(reference, seen, watch=None):
    watch = watch or Watch.new(reference)
    for exam in seen:
        watch = watch.stepped(reference, exam)
    return watch


def test_steady_exams_stop_the_model_at_most_once_in_1000(record_property):
    """Each ward has a reference of its own."""
    stops, looks = [], Counter()
    for seed in range(WARDS):
        reference = Reference.of(exams(seed, 150), OUTPUTS)
        watch, stopped = Watch.new(reference), 0
        for number, exam in enumerate(exams(100 + seed, 1000)):
            watch = watch.stepped(reference, exam)
            if number % 10 == 0:
                looks[Verdict.of(watch, reference).drift] += 1
            if watch.stopped_at is not None:
                watch, stopped = Watch.new(reference), stopped + 1
        stops.append(stopped)
    record_property("false stops in 1000 steady exams", sum(stops) / WARDS)
    record_property("share of steady exams with the verdict watch", round(looks[Drift.WATCH] / looks.total(), 3))
    assert sum(stops) / WARDS <= 1
    assert looks[Drift.WATCH] / looks.total() < 0.1


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_change_is_found_within_60_exams(kind, reference, record_property):
    delays = [watched(reference, exams(seed, 150, **KINDS[kind])).stopped_at or 150 for seed in range(200, 215)]
    record_property(f"exams until {kind} is found (median, largest of 15)", f"{np.median(delays):.0f}, {max(delays)}")
    assert np.median(delays) <= LATEST
    if kind != "a doubled prevalence":  # at 30 % against 60 %, even a perfect chart needs more in some wards
        assert max(delays) <= LATEST


def test_a_stop_keeps_its_evidence_until_a_person_decides(reference):
    stopped = watched(reference, exams(5, 60, gain_db=3))
    assert watched(reference, exams(6, 20), stopped) == stopped
    verdict = Verdict.of(stopped, reference)
    assert (verdict.drift, verdict.exams) == (Drift.STOP, stopped.stopped_at)
    assert Verdict.of(Watch.new(reference), reference) == Verdict(Drift.STEADY, 0, (), ())


def test_the_change_is_dated_and_measured(reference):
    before = watched(reference, exams(7, 40))
    assert before.stopped_at is None
    after = watched(reference, exams(8, 60, gain_db=3), before)
    first = Verdict.of(after, reference).evidence[0]
    assert (first.channel, first.way.value) == ("brightness", "higher")
    assert 35 <= first.since <= 50
    assert 0.7 < first.size < 2
    assert first.share >= 1
    assert first.sentence.startswith(f"brightness is higher than in the reference since exam {first.since}, by {first.size:.1f} spreads")


def test_the_watch_goes_on_after_a_restart_of_the_appliance(reference):
    seen = exams(9, 30)
    half = watched(reference, seen[:12])
    read = {name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(json.dumps(asdict(half))).items()}
    assert Watch(**read) == half
    assert watched(reference, seen[12:], Watch(**read)) == watched(reference, seen)


def test_one_odd_exam_does_not_stop_the_model(reference):
    odd = exams(10, 1, gain_db=15, other=True)
    watch = watched(reference, odd)
    assert watch.stopped_at is None
    assert max(watch.scores[:-1]) < LEAST_LIMIT


def test_what_no_exam_measures_is_named_and_adds_nothing(reference):
    without = [Signals({name: values for name, values in exam.values.items() if name != "depth"}) for exam in exams(11, 12)]
    watch = watched(reference, without)
    assert Verdict.of(watch, reference).unmeasured == ("depth", "features")
    assert {score for score, chart in zip(watch.scores, reference.charts, strict=True) if chart.channel in {"depth", "features"}} == {0}
    assert Verdict.of(watched(reference, without[:9]), reference).unmeasured == ()


def test_a_watch_of_another_reference_is_refused(reference):
    plain = [Signals({"depth": exam.values["depth"]}) for exam in exams(12, 80)]
    other = Reference.of(plain)
    with pytest.raises(SignalsRefused, match="another reference"):
        Watch.new(other).stepped(reference, exams(13, 1)[0])
    steady = watched(other, plain)
    assert (steady.stopped_at, Verdict.of(steady, other).drift) == (None, Drift.STEADY)


def test_a_setting_that_never_changed_stops_the_model_after_three_exams_with_another_one():
    same = Reference.of([Signals({"depth": np.full(8, 10.0)})] * 80)
    assert watched(same, [Signals({"depth": np.full(8, 10.0)})] * 50).stopped_at is None
    assert watched(same, [Signals({"depth": np.full(8, 12.0)})] * 50).stopped_at == 3


def test_features_that_never_vary_are_steady_and_not_judged_by_their_rounding():
    same = [Signals({"depth": np.full(4, 10.0)}, np.full((4, 8), 0.7))] * 80
    reference = Reference.of(same)
    watch = watched(reference, same)
    assert Verdict.of(watch, reference) == Verdict(Drift.STEADY, 80, (), ())
    assert watched(reference, [Signals({}, np.full((4, 8), 2.7))] * 9).stopped_at is not None
