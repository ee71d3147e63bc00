"""A clip keeps itself at the very frame at which its zone has been good for long enough, and not one earlier."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exam.taking.capture import BREAK_S, Capture, Captured, Shot, Window, best_window

SECONDS, RATE = 3.0, 25
FRAMES = round(SECONDS * RATE)


def fed(capture: Capture, good: list[bool], scores: list[float] | None = None, begin: int = 0) -> list[tuple[int, Captured]]:
    """Feeds frames at 25 a second; returns at which sequence something was kept."""
    kept = []
    for number, each in enumerate(good):
        sequence = begin + number
        score = scores[number] if scores else 90.0 if each else 20.0
        if found := capture.add(sequence / RATE, sequence, score, each):
            kept.append((sequence, found))
    return kept


def test_it_starts_at_the_first_good_frame_and_stops_at_the_exact_frame_that_fills_the_seconds() -> None:
    capture = Capture(SECONDS)
    assert fed(capture, [False] * 10 + [True] * FRAMES) == []
    ((sequence, kept),) = fed(capture, [True] * 50, begin=10 + FRAMES)
    assert sequence == 10 + FRAMES
    assert kept.stretch == Window(10, 10 + FRAMES, pytest.approx(90))
    assert kept.best == kept.stretch
    assert (capture.captured, capture.held_s) == (kept, SECONDS)


def test_it_says_how_long_the_image_has_been_good() -> None:
    capture = Capture(SECONDS)
    assert capture.held_s == 0
    fed(capture, [True] * 26)
    assert capture.held_s == pytest.approx(1.0)


@pytest.mark.parametrize(("bad_frames", "begins_again"), [(4, False), (5, True)])
def test_a_break_of_a_fifth_of_a_second_is_tolerated_and_a_longer_one_begins_again(bad_frames: int, begins_again: bool) -> None:
    """With four bad frames the good ones before and after them lie 0.2 s apart."""
    capture = Capture(SECONDS)
    ((sequence, kept),) = fed(capture, [True] * 30 + [False] * bad_frames + [True] * 100)
    first = 30 + bad_frames if begins_again else 0
    assert (kept.stretch.first, sequence) == (first, first + FRAMES)


def test_frames_that_never_came_are_a_break_too() -> None:
    capture = Capture(SECONDS)
    assert fed(capture, [True] * 30) == []
    ((sequence, _),) = fed(capture, [True] * 200, begin=36)
    assert sequence == 36 + FRAMES


def test_it_is_never_kept_at_a_bad_frame() -> None:
    capture = Capture(SECONDS)
    good = [True] * FRAMES + [False, True]
    ((sequence, kept),) = fed(capture, good)
    assert (sequence, kept.stretch.last) == (FRAMES + 1, FRAMES + 1)


def test_what_is_kept_is_kept_once() -> None:
    capture = Capture(SECONDS)
    assert len(fed(capture, [True] * 400)) == 1


def test_a_clock_that_goes_back_begins_again() -> None:
    capture = Capture(SECONDS)
    assert fed(capture, [True] * 70, begin=1000) == []
    ((sequence, kept),) = fed(capture, [True] * 100)
    assert (sequence, kept.stretch.first, kept.best.first) == (FRAMES, 0, 0)


def test_the_best_window_may_lie_before_the_stretch_that_ripened() -> None:
    capture = Capture(SECONDS)
    good = [True] * (FRAMES - 1) + [False] * 6 + [True] * (FRAMES + 1)
    scores = [99.0] * (FRAMES - 1) + [80.0] * 6 + [60.0] * (FRAMES + 1)
    ((_, kept),) = fed(capture, good, scores)
    assert kept.stretch == Window(FRAMES + 5, 2 * FRAMES + 5, pytest.approx(60))
    assert (kept.best.first, kept.best.last) == (0, FRAMES)


def test_what_lies_long_back_is_forgotten() -> None:
    capture = Capture(SECONDS)
    good = [True] * (FRAMES - 1) + [False] * (40 * RATE) + [True] * (FRAMES + 1)
    scores = [99.0] * (FRAMES - 1) + [20.0] * (40 * RATE) + [60.0] * (FRAMES + 1)
    ((_, kept),) = fed(capture, good, scores)
    assert kept.best == kept.stretch


def test_the_best_window_is_the_earliest_of_equals_and_all_of_a_short_clip() -> None:
    assert best_window([Shot(number / RATE, number, 50) for number in range(200)], SECONDS) == Window(0, FRAMES, pytest.approx(50))
    assert best_window([Shot(0, 7, 40), Shot(1, 8, 60)], SECONDS) == Window(7, 8, pytest.approx(50))
    with pytest.raises(ValueError, match="no frame"):
        best_window([], SECONDS)


frames = st.lists(
    st.tuples(st.integers(1, 12).map(lambda steps: steps * 0.04), st.integers(0, 100).map(float), st.booleans()), min_size=1, max_size=150
)


def shots_of(stated: list[tuple[float, float, bool]]) -> list[tuple[Shot, bool]]:
    time_s, made = 0.0, []
    for sequence, (step, score, good) in enumerate(stated):
        time_s = round(time_s + step, 6)
        made.append((Shot(time_s, sequence, score), good))
    return made


@given(stated=frames)
def test_it_is_kept_exactly_where_the_frames_say_so(stated: list[tuple[float, float, bool]]) -> None:
    """Against the definition: the first good frame that ends a run of good ones, none further apart than a break, of so many seconds."""
    capture, seconds, edge = Capture(1.0), 1.0, 1e-6
    begun: float | None = None
    last_good: float | None = None
    for shot, good in shots_of(stated):
        kept = capture.add(shot.time_s, shot.sequence, shot.score, good)
        if last_good is not None and shot.time_s - last_good > BREAK_S + edge:
            begun = last_good = None
        if good:
            begun, last_good = shot.time_s if begun is None else begun, shot.time_s
        ripe = good and begun is not None and shot.time_s - begun >= seconds - edge
        assert (kept is not None) == ripe
        if kept is not None:
            assert kept.stretch.last == shot.sequence
            assert kept.best.score >= 0
            return


@given(stated=frames)
def test_no_other_window_is_better(stated: list[tuple[float, float, bool]]) -> None:
    shots, seconds, edge = [shot for shot, _ in shots_of(stated)], 1.0, 1e-6
    best = best_window(shots, seconds)
    means = []
    for last in range(len(shots)):
        enough = [n for n in range(last + 1) if shots[last].time_s - shots[n].time_s >= seconds - edge]
        if enough and shots[last].time_s - shots[enough[-1]].time_s <= seconds + BREAK_S + edge:
            part = shots[enough[-1] : last + 1]
            means.append(sum(shot.score for shot in part) / len(part))
    everything = sum(shot.score for shot in shots) / len(shots)
    assert best.score == pytest.approx(max(means, default=everything), abs=1e-3)
    inside = [shot.score for shot in shots if best.first <= shot.sequence <= best.last]
    assert best.score == pytest.approx(sum(inside) / len(inside), abs=1e-3)
