"""Stage times cover the last frames only, in milliseconds."""

from edge.pipeline.times import STAGES, WINDOW, FrameTimes, Times

MS = 1_000_000


def sample(invoke_ms=0, at_ms=0):
    return FrameTimes(1 * MS, 1 * MS, 2 * MS, invoke_ms * MS, 4 * MS, 1 * MS, 5 * MS, 6 * MS, at_ms * MS)


def test_there_are_no_times_before_the_first_frame():
    assert Times().percentiles() == {}
    assert Times().rate(0) == 0.0


def test_percentiles_of_each_stage_in_milliseconds():
    times = Times()
    for ms in range(101):
        times.add(sample(invoke_ms=ms))
    found = times.percentiles()
    assert tuple(found) == STAGES
    assert (found["invoke"].p50, found["invoke"].p90, found["invoke"].p99) == (50, 90, 99)
    assert found["latency"].p50 == found["latency"].p99 == 6


def test_only_the_last_frames_count():
    times = Times()
    times.add(sample(invoke_ms=1000))
    for _ in range(WINDOW):
        times.add(sample(invoke_ms=5))
    assert len(times.frames()) == WINDOW
    assert times.percentiles()["invoke"].p99 == 5


def test_the_rate_covers_the_last_two_seconds():
    times = Times()
    for ms in [0, *range(10_000, 12_000, 20)]:
        times.add(sample(at_ms=ms))
    assert round(times.rate(12_000 * MS), 3) == 50
    assert times.rate(60_000 * MS) == 0
