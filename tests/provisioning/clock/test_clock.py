"""The clock never counts before the floor, and nobody sets it there."""

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.clock import AHEAD_AFTER, ClockVerdict, clock_verdict, now, set_clock, settable, write_rtc
from provisioning.codes import ProvisionRefused

FLOOR = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)
times = st.datetimes(datetime(1970, 1, 1), datetime(2099, 1, 1), timezones=st.just(timezone.utc))


def refusal(act, *arguments):
    with pytest.raises(ProvisionRefused) as refused:
        act(*arguments)
    assert refused.value.cause == "E-CLOCK"
    return refused.value


@given(times, times)
def test_the_time_is_that_of_the_clock_and_never_before_the_floor(clock, floor):
    assert now(clock, floor) >= floor
    assert now(clock, floor) == clock or clock < floor


@pytest.mark.parametrize(
    ("clock", "verdict"),
    [
        (datetime(1970, 1, 1, tzinfo=timezone.utc), ClockVerdict.BEHIND),
        (FLOOR - SECOND, ClockVerdict.BEHIND),
        (FLOOR, ClockVerdict.GOOD),
        (FLOOR + AHEAD_AFTER, ClockVerdict.GOOD),
        (FLOOR + AHEAD_AFTER + SECOND, ClockVerdict.AHEAD),
        (datetime(2099, 1, 1, tzinfo=timezone.utc), ClockVerdict.AHEAD),
    ],
)
def test_a_clock_before_the_floor_is_behind_and_one_that_jumped_is_ahead(clock, verdict):
    assert clock_verdict(clock, FLOOR) == verdict
    assert ClockVerdict.AHEAD.value == "CLOCK_AHEAD"


@pytest.mark.parametrize(
    "typed", ["2026-11-30T12:00Z", "2026-11-30 12:00:00+00:00", "2026-11-30T15:00:00+03:00", " 2026-11-30T07:00:00-05:00 "]
)
def test_the_same_time_is_typed_in_any_zone(typed):
    assert settable(typed, FLOOR) == FLOOR


@pytest.mark.parametrize("typed", ["2026-11-30T14:59:59+03:00", "2025-11-30T12:00Z", "1970-01-01T00:00Z", "0001-01-02T00:00+14:00"])
def test_a_time_before_the_floor_is_refused(typed):
    assert "2026-11-30 12:00 UTC" in refusal(settable, typed, FLOOR).what


@pytest.mark.parametrize("typed", ["", "tomorrow", "2026-13-01T00:00Z", "30.11.2026", "9999-12-31T23:59-12:00", "1796040000"])
def test_what_is_no_time_is_refused_with_an_example(typed):
    error = refusal(settable, typed, FLOOR)
    assert "not a time" in error.what or "no time zone" in error.what
    assert "+03:00" in error.fix


@pytest.mark.parametrize("typed", ["2026-12-01T00:00", "2026-12-01"])
def test_a_time_without_a_zone_is_refused(typed):
    assert "no time zone" in refusal(settable, typed, FLOOR).what


def test_a_user_who_is_not_root_reads_what_to_do():
    """In a child without rights, so that no test sets the clock of this machine."""
    program = (
        "import os\nfrom datetime import datetime, timezone\nfrom provisioning.clock import set_clock\n"
        "if os.geteuid() == 0:\n    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "set_clock(datetime.now(timezone.utc))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, text=True, env=os.environ)
    assert "ProvisionRefused: This user is not allowed to set the clock. Run it as root: sudo" in done.stderr


def test_a_time_that_the_system_cannot_hold_is_refused():
    """It is out of range: nothing is changed."""
    assert refusal(set_clock, datetime(9999, 1, 1, tzinfo=timezone.utc)).cause == "E-CLOCK"


def test_a_board_without_a_clock_chip_is_reported(tmp_path):
    assert not write_rtc(FLOOR, tmp_path / "rtc0")
    (tmp_path / "plain").touch()
    assert not write_rtc(FLOOR, tmp_path / "plain")
