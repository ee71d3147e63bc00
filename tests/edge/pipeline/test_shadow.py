"""A shadow compares on the same frames, never delays the active release, and reports that it has failed."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from edge.inference.reader import Reader
from edge.pipeline.observation import Observation
from edge.pipeline.shadow import Shadow
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine
from firmware_bridge.virtual_probe.chest import Chest

CHEST = Chest(2, size=200)
FRAMES = [Frame(CHEST.image(number / 10), number, 1000 * number, 0, machine=Machine("Philips", "Lumify")) for number in range(6)]
"""Of a machine on which the built-in releases are validated."""
VSCAN = Machine("GE", "Vscan Air")
ELSEWHERE = [replace(frame, machine=VSCAN) for frame in FRAMES]


def always(reader, **thresholds):
    """A reader of the same network whose prediction sets are always the same; on a machine without validation they rule out nothing."""
    findings = tuple(replace(label, **thresholds) for label in reader.release.findings)
    validation = reader.release.validation.model_copy(update={"across_machines": None})
    return Reader.load(replace(reader.release, findings=findings, validation=validation))


@pytest.fixture(scope="module")
def yes(reader):
    return always(reader, present_from=0.0, absent_to=-1.0)


@pytest.fixture(scope="module")
def no(other_reader):
    return always(other_reader, present_from=2.0, absent_to=1.0)


@pytest.fixture
def show(reader, eventually):
    """Has a shadow see each frame, as the active release has read it."""

    def show(shadow, frames=FRAMES, active=reader):
        standardiser = active.standardiser()
        for frame in frames:
            seen, done = standardiser.take(frame), shadow.figures.frames
            shadow.offer(Observation(seen, active.infer(seen), active.release, time.monotonic_ns()))
            eventually(lambda done=done: shadow.figures.frames != done or shadow.figures.problem, "the shadow did not read")

    return show


@pytest.fixture
def cast():
    shadows = []

    def cast(reader, tell=lambda _: None):
        shadows.append(Shadow(reader, tell))
        return shadows[-1]

    yield cast
    for shadow in shadows:
        shadow.close()


def test_a_release_never_disagrees_with_itself(reader, cast, show):
    lines = []
    shadow = cast(Reader.load(reader.release), lines.append)
    show(shadow)
    shadow.close()
    figures = shadow.figures
    assert (figures.release, figures.active, figures.frames) == (reader.release.ident, reader.release.ident, len(FRAMES))
    assert {(each.disagreed, each.difference) for each in figures.findings.values()} == {(0, 0.0)}
    assert set(figures.findings) == {label.key for label in reader.release.findings}
    assert lines == []


def test_the_answers_of_another_release_for_the_same_frames_are_compared_and_logged(yes, no, cast, show):
    lines = []
    shadow = cast(no, lines.append)
    show(shadow, active=yes)
    shadow.close()
    ours, theirs = yes.standardiser(), no.standardiser()
    gaps = []
    for frame in FRAMES:
        both = zip(yes.infer(ours.take(frame)).scores, no.infer(theirs.take(frame)).scores, strict=True)
        gaps.append([abs(one.probability - other.probability) for one, other in both])
    found = shadow.figures.findings.values()
    assert [each.difference for each in found] == pytest.approx(np.mean(gaps, axis=0).tolist())
    assert [each.disagreed for each in found] == [len(FRAMES)] * 3
    assert {line["shadow"] for line in lines} == {no.release.ident}
    assert sum(line["frames"] for line in lines) == len(FRAMES)
    assert all(set(line["findings"]) == {label.key for label in no.release.findings} for line in lines)


def test_a_slow_shadow_skips_frames_and_delays_nothing(reader, cast, eventually):
    going = threading.Event()

    class Slow(Reader):
        def infer(self, seen):
            going.wait()
            return super().infer(seen)

    shadow = cast(Slow(reader.release, reader.interpreter))
    seen = reader.standardiser().take(FRAMES[0])
    observation = Observation(seen, reader.infer(seen), reader.release, 0)
    for _ in range(50):
        shadow.offer(observation)  # would never return if it waited
    going.set()
    eventually(lambda: shadow.figures.frames + shadow.figures.skipped == 50, "a frame is unaccounted for")
    assert 1 <= shadow.figures.frames <= 2


def test_the_figures_start_again_with_another_active_release(yes, no, cast, show):
    lines = []
    shadow = cast(no, lines.append)
    show(shadow, FRAMES[:4], yes)
    assert shadow.figures.active == yes.release.ident
    show(shadow, FRAMES[4:], Reader.load(no.release))
    figures = shadow.figures
    assert (figures.active, figures.frames) == (no.release.ident, 2)
    assert {each.disagreed for each in figures.findings.values()} == {0}
    assert {line["active"] for line in lines} == {yes.release.ident}
    assert lines[-1]["last"] == 3


def test_on_a_machine_without_validation_neither_decides_and_both_are_marked(yes, no, cast, show):
    lines = []
    shadow = cast(no, lines.append)
    show(shadow, ELSEWHERE, active=yes)
    shadow.close()
    assert shadow.figures.not_validated == {"active": 6, "shadow": 6}
    assert {each.disagreed for each in shadow.figures.findings.values()} == {0}
    assert lines == []


def test_where_the_site_accepted_the_candidate_it_reads_with_the_sites_calibration_and_sets(reader, cast, show):
    here = tuple(replace(label, slope=0.0, offset=9.0, present_from=0.5, absent_to=0.1) for label in reader.release.findings)
    lines = []
    shadow = cast(Reader.load(reader.release.accepting(lambda machine: here if machine == VSCAN else None)), lines.append)
    show(shadow, ELSEWHERE[:2], always(reader))
    shadow.close()
    assert shadow.figures.not_validated == {"active": 2, "shadow": 0}
    assert {each.disagreed for each in shadow.figures.findings.values()} == {2}
    line = lines[0]
    assert (line["machine"], line["machine_not_validated"]["shadow"]) == ("GE Vscan Air", 0)
    assert sum(each["machine_not_validated"]["active"] for each in lines) == 2
    assert line["findings"]["b_lines"]["shadow"] == {"probability": 0.9999, "set": ["present"]}
    assert line["findings"]["b_lines"]["active"]["set"] == ["present", "absent"]


class Fails(Reader):
    def infer(self, _):
        raise RuntimeError("no such operator")


def test_a_shadow_whose_network_fails_stops_itself_and_states_why(reader, cast, show):
    shadow = cast(Fails(reader.release, reader.interpreter))
    show(shadow, FRAMES[:1])
    assert "no such operator" in shadow.figures.problem.what
    before = shadow.figures
    seen = reader.standardiser().take(FRAMES[1])
    shadow.offer(Observation(seen, reader.infer(seen), reader.release, 0))
    shadow.close()
    assert shadow.figures == before


def test_a_shadow_that_cannot_log_stops_itself_and_states_why(yes, no, cast, show, monkeypatch):
    def refuse(_):
        raise OSError("no space left on device")

    monkeypatch.setattr("edge.pipeline.shadow.EPISODE_S", 0.0)
    shadow = cast(no, refuse)
    show(shadow, FRAMES[:1], yes)
    shadow.close()
    assert "no space left" in shadow.figures.problem.what
