"""Take: whatever capture may choose as a clip, its readings are still there."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from edge.exam.clip import NO_FRAMES
from edge.exam.taking.capture import MOST_SHOTS, Capture, Window
from edge.exam.taking.take import Take
from edge.inference.release import BUILT_IN, ModelRelease
from edge.vision.quality import Limits, Quality, Reason
from firmware_bridge.machine import Machine
from firmware_bridge.virtual_probe.chest import Chest

CHEST = Chest(2, size=128)


@pytest.fixture
def observe(scan):
    return lambda: scan.observation(scan.frame(CHEST), Limits())


@pytest.fixture
def take(observe):
    """Of the frames 1 to 10."""
    take = Take()
    for _ in range(10):
        take.add(observe())
    return take


def test_a_clip_is_made_of_its_window_alone(take):
    assert take.finding(Window(3, 5, 0.0)).frames == 3


def test_the_whole_is_from_the_first_frame_to_the_last(take):
    assert (take.whole.first, take.whole.last) == (1, 10)
    assert Take().whole is None


def test_a_window_that_was_forgotten_cannot_be_assessed(take):
    assert take.finding(Window(50, 60, 0.0)).code == NO_FRAMES


def test_frames_that_two_releases_have_read_are_never_joined(take, scan, observe):
    assert take.change(observe()) == ""
    scan.release = ModelRelease.load(BUILT_IN / "lung-s")
    other = observe()
    assert take.change(other) == f"model release changed to {scan.release.ident}"
    with pytest.raises(ValueError, match="model release changed"):
        take.add(other)
    assert take.finding(take.whole).frames == 10


def test_frames_that_two_machines_have_made_are_never_joined(take, scan, observe):
    scan.machine = Machine("Acme", "Scan")
    other = observe()
    assert take.change(other) == "machine changed to Acme Scan"
    with pytest.raises(ValueError, match="machine changed"):
        take.add(other)
    finding = take.finding(take.whole)
    assert (finding.frames, finding.machine, finding.machine_validated) == (10, "Philips Lumify", True)


def passed(capture, take, observation, rate, scores):
    """Frames at this rate with these scores, good above 60; the clip that keeps itself, if one does."""
    for number, score in enumerate(scores):
        sequence, at_us = number + 1, round(number * 1e6 / rate)
        frame = replace(observation.frame, sequence=sequence, captured_us=at_us)
        reasons = () if score > 60 else (Reason("TOO_DARK", 1.0, 2.0, "Raise the gain"),)
        seen = replace(observation.seen, frame=frame, quality=Quality(sequence, reasons, score))
        kept = capture.add(at_us / 1e6, sequence, score, score > 60)
        take.add(replace(observation, seen=seen, reading=replace(observation.reading, sequence=sequence)))
        if kept is not None:
            return kept
    return None


@pytest.mark.parametrize("seconds", [3.0, 32.0])
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rate=st.integers(1, 240))
@example(rate=1)
@example(rate=240)
def test_every_frame_of_the_best_window_is_remembered_at_any_frame_rate(observe, seconds, rate):
    """The best frames come early and are too few for a clip; much later the zone is good for long enough."""
    capture, take = Capture(seconds), Take(seconds)
    early, poor, late = round((seconds - 0.5) * rate), round(8 * rate), round((seconds + 1) * rate)
    kept = passed(capture, take, observe(), rate, [99.0] * early + [20.0] * poor + [70.0] * late)
    if rate < 5:
        assert kept is None, "frames that come more slowly than a break allows"
        return
    for window in (kept.best, kept.stretch):
        assert take.finding(window).frames == window.last - window.first + 1 >= seconds * rate


def test_a_clock_that_stands_still_fills_no_memory(observe):
    capture, take, observation = Capture(3.0), Take(), observe()
    for sequence in range(MOST_SHOTS + 100):
        capture.add(0.0, sequence, 90.0, True)
        take.add(observation)
    assert len(capture._shots) == len(take._readings) == MOST_SHOTS


def test_where_nothing_was_taken_there_is_no_finding():
    with pytest.raises(ValueError, match="nothing"):
        Take().finding(Window(0, 1, 0.0))
