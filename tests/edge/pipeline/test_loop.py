"""Every frame that comes in is read, or dropped with its cause; a bad one never ends the loop."""

import math
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from edge.inference.reader import Reader
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.loop import DISPLACED, LINK, PREPARE_FAILED, READ_FAILED, TICK_S, Pipeline
from edge.pipeline.tap import Taps
from edge.pipeline.times import STAGES, Times
from edge.vision.region import FoundBy
from edge.vision.standardise import ANY
from firmware_bridge.errors import SourceLost
from firmware_bridge.virtual_probe.chest import Chest

IN_FLIGHT_MAX = 3  # one being prepared, one in the slot, one being read


class Run:
    """A pipeline with its inference thread."""

    def __init__(self, reader, tap=None, limits=lambda: ANY):
        self.hub, self.counts, self.times = Hub(), Counts(), Times()
        self.ticks = 0
        self.pipeline = Pipeline(reader, self.hub, self.counts, self.times, tick=self._tick, tap=tap, limits=limits)
        self.thread = threading.Thread(target=self.pipeline.read_until_closed)

    def _tick(self):
        self.ticks += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.pipeline.close()
        self.thread.join()


def in_flight(counts):
    return counts.received - counts.read - sum(counts.dropped.values())


def wait_until(run, seen):
    while not seen(run.counts.snapshot()):
        assert run.thread.is_alive()
        time.sleep(0.001)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["frame", "unreadable", "lost 1", "lost 3"]), max_size=20))
def test_received_is_read_plus_dropped_for_any_input(reader, listed_source, pixels, unreadable, kinds):
    steps = [{"frame": pixels, "unreadable": unreadable, "lost 1": 1, "lost 3": 3}[kind] for kind in kinds]
    with Run(reader) as run:
        run.pipeline.feed(listed_source(steps))
    counts = run.counts.snapshot()
    assert in_flight(counts) == 0
    assert counts.read + counts.dropped.get(DISPLACED, 0) == kinds.count("frame")
    assert counts.dropped.get(PREPARE_FAILED, 0) == kinds.count("unreadable")
    assert counts.dropped.get(LINK + "crc", 0) == kinds.count("lost 1") + 3 * kinds.count("lost 3")
    assert counts.read >= 1 or "frame" not in kinds


def test_a_gap_that_claims_two_billion_frames_is_counted_in_one_step(reader, listed_source, pixels):
    with Run(reader) as run:
        run.pipeline.feed(listed_source([2**31, pixels, 2**31]))
    counts = run.counts.snapshot()
    assert (counts.received, counts.read, counts.dropped) == (2**32 + 1, 1, {LINK + "crc": 2**32})


class Recorded(Taps):
    """The frames that passed the tap."""

    def __init__(self):
        super().__init__()
        self.frames = []

    def frame(self, frame):
        self.frames.append(frame)


def test_a_name_in_the_image_is_recorded_but_neither_read_nor_shown(reader, listed_source):
    image = Image.new("L", (400, 300))
    image.paste(Image.fromarray(Chest(2, size=240).image(0)), (80, 30))
    ImageDraw.Draw(image).text((4, 4), "DOE^JANE 1970-01-01", fill=255)
    named, tap = np.array(image), Recorded()
    with Run(reader, tap) as run:
        run.pipeline.feed(listed_source([named.copy()]))
    shown = run.hub.latest
    assert shown.seen.region is FoundBy.PIXELS
    assert not shown.frame.pixels[:20, :75].any()
    assert (shown.frame.pixels[60:240, 170:230] == named[60:240, 170:230]).all()
    assert (tap.frames[0].pixels == named).all()


def test_the_frames_in_flight_are_never_more_than_the_stages_can_hold(reader, listed_source, pixels):
    with Run(reader) as run:
        feeder = threading.Thread(target=run.pipeline.feed, args=(listed_source([pixels] * 200),))
        feeder.start()
        seen = set()
        while feeder.is_alive():
            seen.add(in_flight(run.counts.snapshot()))
            time.sleep(0.0002)
        feeder.join()
    assert seen <= set(range(IN_FLIGHT_MAX + 1))
    assert in_flight(run.counts.snapshot()) == 0


def test_each_observation_is_of_its_own_frame_and_the_newest_is_read_last(reader, listed_source, pixels):
    with Run(reader) as run:
        run.pipeline.feed(listed_source([pixels] * 30))
    seen = run.hub.recent()
    assert [o.frame.sequence for o in seen] == sorted({o.frame.sequence for o in seen})
    assert all(o.frame.sequence == o.reading.sequence == o.quality.sequence for o in seen)
    assert seen[-1].frame.sequence == 29


def test_the_loop_reads_as_the_reader_does(reader, listed_source, pixels):
    with Run(reader) as run:
        run.pipeline.feed(listed_source([pixels]))
    observation = run.hub.latest
    assert observation.reading.scores == reader.read(observation.frame).scores
    assert observation.latency_ms > 0


def test_the_times_of_every_stage_are_stored(reader, listed_source, pixels):
    with Run(reader) as run:
        run.pipeline.feed(listed_source([pixels]))
    (times,) = run.times.frames()
    assert all(getattr(times, stage) > 0 for stage in STAGES)
    assert times.latency >= times.receive + times.prepare + times.wait + times.invoke + times.interpret + times.quality


def test_a_frame_that_the_network_fails_on_is_counted_and_the_next_is_read(listed_source, reader, pixels):
    class FailsOnce(Reader):
        def infer(self, seen):
            if seen.frame.sequence == 0:
                raise RuntimeError("no such operator")
            return super().infer(seen)

    with Run(FailsOnce(reader.release, reader.interpreter)) as run:
        run.pipeline.feed(listed_source([pixels]))
        wait_until(run, lambda counts: counts.dropped)
        run.pipeline.feed(listed_source([1, pixels]))
    counts = run.counts.snapshot()
    assert counts.dropped == {READ_FAILED: 1, LINK + "crc": 1}
    assert counts.read == 1


def test_a_frame_whose_quality_cannot_be_judged_is_counted_and_the_next_is_read(reader, listed_source, pixels):
    answers = iter([KeyError("no protocol"), ANY])

    def limits():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with Run(reader, limits=limits) as run:
        run.pipeline.feed(listed_source([pixels]))
        wait_until(run, lambda counts: counts.dropped)
        run.pipeline.feed(listed_source([pixels]))
    counts = run.counts.snapshot()
    assert (counts.dropped, counts.read) == ({PREPARE_FAILED: 1}, 1)


def test_a_frame_whose_network_output_is_not_finite_is_counted_as_not_read(listed_source, reader, pixels):
    broken = Reader(reader.release, reader.interpreter)
    broken._map = replace(broken._map, scale=math.nan)
    with Run(broken) as run:
        run.pipeline.feed(listed_source([pixels]))
        wait_until(run, lambda counts: counts.dropped)
    counts = run.counts.snapshot()
    assert (counts.dropped, counts.read) == ({READ_FAILED: 1}, 0)


def test_a_lost_source_raises_after_its_losses_are_counted_and_another_can_follow(reader, listed_source, pixels):
    with Run(reader) as run:
        with pytest.raises(SourceLost):
            run.pipeline.feed(listed_source([pixels, 2, SourceLost("gone", "plug it in")]))
        wait_until(run, lambda counts: counts.read)
        run.pipeline.feed(listed_source([pixels, 1]))
    counts = run.counts.snapshot()
    assert (counts.received, counts.read, counts.dropped) == (5, 2, {LINK + "crc": 3})


class Swaps(Taps):
    """Swaps to the next reader after every `every` frames, and remembers which reader each frame was offered to."""

    def __init__(self, readers, every):
        super().__init__()
        self._readers, self._every = readers, every
        self.pipeline = None
        self.expected = {}

    def frame(self, frame):
        turn, rest = divmod(frame.sequence, self._every)
        reader = self._readers[turn % len(self._readers)]
        if rest == 0 and turn:
            self.pipeline.swap(reader)
        self.expected[frame.sequence] = reader.release


def test_at_a_swap_no_frame_is_lost_and_each_is_read_by_the_reader_it_was_prepared_for(reader, other_reader, listed_source, pixels):
    assert reader.release.input_side != other_reader.release.input_side
    tap = Swaps([reader, other_reader], every=7)
    seen = []
    with Run(reader, tap) as run:
        tap.pipeline = run.pipeline
        publish, run.hub.publish = run.hub.publish, lambda observation: (seen.append(observation), publish(observation))
        run.pipeline.feed(listed_source([pixels] * 300))
    counts = run.counts.snapshot()
    assert (counts.received, in_flight(counts), set(counts.dropped)) == (300, 0, {DISPLACED})
    assert len(seen) == counts.read == len({o.frame.sequence for o in seen})
    assert {o.release for o in seen} == {reader.release, other_reader.release}
    for observation in seen:
        assert observation.release is tap.expected[observation.frame.sequence]
        assert observation.seen.picture.shape == (observation.release.input_side,) * 2
        assert observation.reading.model == observation.release.version


def test_a_swap_in_another_thread_takes_the_very_next_frame(reader, other_reader, listed_source, pixels):
    with Run(reader) as run:
        run.pipeline.feed(listed_source([pixels]))
        wait_until(run, lambda counts: counts.read == 1)
        begun = run.pipeline.swap(other_reader)
        assert run.pipeline.reader is other_reader
        assert not begun.is_set()
        run.pipeline.feed(listed_source([pixels]))
        assert begun.wait(10)
    assert [o.release for o in run.hub.recent()] == [reader.release, other_reader.release]


def test_what_is_known_of_the_source_outlives_a_swap(reader, other_reader, listed_source):
    """A name burned into the image must not appear because the model has changed."""
    image = Image.new("L", (400, 300))
    image.paste(Image.fromarray(Chest(2, size=240).image(0)), (80, 30))
    ImageDraw.Draw(image).text((4, 4), "DOE^JANE 1970-01-01", fill=255)
    tap = Swaps([reader, other_reader], every=3)
    with Run(reader, tap) as run:
        tap.pipeline = run.pipeline
        run.pipeline.feed(listed_source([np.array(image)] * 9))
    for observation in run.hub.recent():
        assert not observation.frame.pixels[:20, :75].any()


def test_a_silent_source_does_not_look_like_a_hanging_network(reader):
    with Run(reader) as run:
        seen = run.ticks
        threading.Event().wait(3 * TICK_S)
        assert run.ticks > seen
