"""One view of the chest never fills two zones: a new one begins when the probe has been lifted or moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exam.taking.capture import BREAK_S
from edge.exam.taking.view import UNMOVED, View
from edge.vision.quality import Quality, Reason, checks

RATE = 25
GOOD = Quality(0)
SPOILING = sorted(check.code for check in checks() if check.spoils)
HARMLESS = sorted(check.code for check in checks() if not check.spoils)


def poor(*codes):
    return Quality(0, tuple(Reason(code, 1.0, 0.0, f"Mend {code}", code in SPOILING) for code in codes))


class Shown:
    """Frames at 25 a second, while a zone is being taken."""

    def __init__(self):
        self.view, self._count = View(), 0

    def add(self, quality, frames, *, taking=True):
        for _ in range(frames):
            self.view.add(self._count / RATE, quality, taking=taking)
            self._count += 1
        return self.view


def test_a_view_is_used_once_a_zone_was_taken_of_it_and_stays_so_without_a_zone():
    shown = Shown()
    assert not shown.add(GOOD, 50, taking=False).used
    assert shown.add(GOOD, 1).used
    assert shown.add(GOOD, 200, taking=False).used


@pytest.mark.parametrize("code", SPOILING)
def test_a_lost_image_begins_a_new_view_and_one_that_only_stands_still_or_is_set_otherwise_does_not(code):
    shown = Shown()
    shown.add(GOOD, 5)
    view = shown.add(poor(code), 10)
    assert (view.number, view.used) == ((0, True) if code in UNMOVED else (1, False))


@pytest.mark.parametrize("code", HARMLESS)
def test_a_fault_that_spoils_nothing_is_no_lift(code):
    assert Shown().add(poor(code), 50).used


def test_a_break_that_a_clip_would_tolerate_is_no_lift():
    shown = Shown()
    for _ in range(5):
        shown.add(GOOD, 5)
        assert shown.add(poor("NO_CONTACT"), round(BREAK_S * RATE)).used
    assert not shown.add(poor("NO_CONTACT"), 2).used


def test_in_the_air_no_view_is_used_and_one_lift_is_one_view():
    shown = Shown()
    shown.add(GOOD, 5)
    view = shown.add(poor("NO_CONTACT"), 500)
    assert (view.number, view.used) == (1, False)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_whatever_the_clock_of_the_probe_does_a_good_image_is_never_a_lift(times):
    view = View()
    for time_s in times:
        view.add(time_s, GOOD, taking=True)
    assert (view.number, view.used) == (0, True)
