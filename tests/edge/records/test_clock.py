"""The clock at 1970, at 2099 and set back: nothing is lost, no time limit ends late, and one wrong day does no lasting harm."""

from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.records.audit.trail import AuditTrail
from edge.records.clock import MOST_BEHIND, MOST_OFF_REMOVING, OLDEST, STEP, Clock, ClockWatch, is_older, running, wall
from edge.records.clock_correction import ClockGuard, correct_clock
from edge.records.errors import ClockRight, RecordsFull
from edge.records.notices import Notices
from edge.records.store import Store

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
LATER = datetime(2099, 1, 1, tzinfo=timezone.utc)
NEVER_SET = datetime(1970, 1, 1, tzinfo=timezone.utc)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Hands:
    """A clock that can be set, of a machine that keeps running."""

    def __init__(self, time):
        self.wall, self.ran = time, timedelta(0)

    def pass_(self, time):
        self.wall, self.ran = self.wall + time, self.ran + time


def log(store):
    with store.write() as change:
        return change.log("tester", "x.done", "x", {}).at


@pytest.fixture
def hands():
    return Hands(NOON)


@pytest.fixture
def store(tmp_path, hands):
    with closing(Store.open(tmp_path, lambda: hands.wall)) as opened:
        yield opened


def test_the_machines_own_clocks_run():
    assert wall().tzinfo is timezone.utc
    assert running() > timedelta(0)


@given(st.lists(st.tuples(st.timedeltas(timedelta(0), 3 * DAY), st.none() | st.datetimes(timezones=st.just(timezone.utc)))))
def test_with_any_setting_of_the_clock_time_never_goes_back_and_never_stops_for_long(steps):
    hands, latest = Hands(NOON), NOON
    clock = Clock(lambda: hands.wall, lambda: hands.ran)
    asked = clock.after(latest)
    clock.recorded(latest)
    for passed, wall_ in steps:
        hands.pass_(passed)
        hands.wall = wall_ or hands.wall
        now = clock.after(latest)
        assert now > latest
        assert now >= asked or hands.wall < asked
        assert now >= latest + passed - STEP
        latest = asked = now
        clock.recorded(latest)


def test_time_limits_end_although_the_clock_was_set_back_and_time_was_not_read(tmp_path):
    hands = Hands(NOON)
    with closing(Store.open(tmp_path)) as store:
        store.clock = Clock(lambda: hands.wall, lambda: hands.ran)
        assert log(store) == NOON
        hands.wall = NEVER_SET
        hands.pass_(9 * HOUR)
        assert store.now() >= NOON + 9 * HOUR


@pytest.mark.parametrize("clock", [NEVER_SET, NOON - 400 * DAY])
def test_a_clock_that_is_behind_loses_nothing_and_is_reported_once(store, hands, clock):
    first = log(store)
    hands.wall = clock
    notices = Notices(store)
    guard = ClockGuard(store, notices)
    guard.look()
    guard.look()
    second = log(store)
    assert first < second < first + HOUR
    assert len(notices.unseen()) == 1
    assert AuditTrail(store).verify().whole


def test_a_clock_that_jumps_to_2099_is_reported_and_an_administrator_corrects_it(store, hands):
    notices = Notices(store)
    guard = ClockGuard(store, notices)
    log(store)
    guard.look()
    assert notices.unseen() == ()
    hands.wall = LATER
    guard.look()
    assert log(store) >= LATER
    hands.wall = NOON + HOUR
    assert log(store) > LATER
    done = correct_clock(store, "admin")
    assert (done.now, done.latest > LATER) == (NOON + HOUR, True)
    assert NOON + HOUR < log(store) < NOON + 2 * HOUR
    assert {notice.code for notice in notices.unseen()} == {"clock-ahead", "clock-corrected"}
    verdict = AuditTrail(store).verify()
    assert verdict.whole
    assert "the clock was corrected" in verdict.remarks[0]


def test_a_corrected_clock_counts_for_other_programs_on_the_same_records(tmp_path, store, hands):
    hands.wall = LATER
    log(store)
    assert store.now() > LATER
    hands.wall = NOON
    with closing(Store.open(tmp_path, lambda: NOON)) as shell:
        correct_clock(shell, "the board's shell")
    assert store.now() < NOON + HOUR


@pytest.mark.parametrize(("clock", "why"), [(NOON + HOUR, "nothing to correct"), (NEVER_SET, "the clock says 1970-01-01")])
def test_a_clock_that_is_right_or_was_never_set_is_not_corrected(store, hands, clock, why):
    log(store)
    hands.wall = clock
    with pytest.raises(ClockRight, match=why):
        correct_clock(store, "admin")
    assert AuditTrail(store).verify().entries == 1


@pytest.mark.parametrize(
    ("clock", "ran", "code"),
    [
        (NOON + HOUR, HOUR, None),
        (NOON + 3 * DAY, 3 * DAY, None),
        (NOON + 2 * DAY, HOUR, "clock-ahead"),
        (NOON + 20 * HOUR, HOUR, None),
        (NOON - MOST_BEHIND, HOUR, None),
        (NOON - 2 * MOST_BEHIND, HOUR, "clock-behind"),
        (NEVER_SET, HOUR, "clock-not-set"),
    ],
)
def test_a_clock_is_compared_with_the_time_that_really_passed(clock, ran, code):
    watch = ClockWatch()
    assert watch.look(NOON, timedelta(0), NOON) is None
    doubt = watch.look(clock, ran, NOON)
    assert (doubt.code if doubt else None) == code


def test_a_board_switched_off_for_months_is_trusted_and_one_in_2099_is_not():
    assert ClockWatch().look(NOON + 100 * DAY, HOUR, NOON) is None
    assert ClockWatch().look(LATER, HOUR, NOON).code == "clock-ahead"


def test_setting_a_clock_without_a_battery_is_not_a_jump():
    watch = ClockWatch()
    assert watch.look(NEVER_SET, HOUR, NOON).code == "clock-not-set"
    assert watch.look(NOON, HOUR, NOON) is None


def see(notices):
    for notice in notices.unseen():
        notices.seen(notice.id, "Abeba")


def test_after_a_jump_the_clock_is_in_doubt_also_after_a_restart_until_a_person_has_seen_the_notice(store, hands):
    notices = Notices(store)
    log(store)
    guard = ClockGuard(store, notices)
    assert not guard.in_doubt()
    hands.wall = LATER
    assert guard.in_doubt()
    log(store)
    assert guard.in_doubt()
    again = ClockGuard(store, Notices(store))
    assert again.in_doubt()
    see(notices)
    assert not again.in_doubt()


@pytest.mark.parametrize("clock", [NEVER_SET, NOON - 400 * DAY])
def test_a_clock_that_is_behind_is_in_doubt_for_as_long_as_it_is_whatever_people_have_seen(store, hands, clock):
    log(store)
    hands.wall = clock
    notices = Notices(store)
    guard = ClockGuard(store, notices)
    assert guard.in_doubt()
    see(notices)
    assert guard.in_doubt()
    hands.wall = NOON + HOUR
    guard.look()
    see(notices)  # a clock that was set right has jumped ahead
    assert not guard.in_doubt()


def test_where_old_clips_are_removed_a_month_without_records_is_in_doubt(store, hands):
    log(store)
    hands.wall = NOON + 100 * DAY
    assert not ClockGuard(store, Notices(store)).in_doubt()
    assert ClockGuard(store, Notices(store), lambda: MOST_OFF_REMOVING).in_doubt()
    assert ClockGuard(store, Notices(store), lambda: MOST_OFF_REMOVING).in_doubt()  # after a restart


def test_a_doubt_that_a_full_disk_cannot_store_stays_one_and_is_stored_later(store, hands, monkeypatch):
    notices = Notices(store)
    log(store)
    guard = ClockGuard(store, notices)
    assert not guard.in_doubt()

    def full(*_):
        raise RecordsFull("the disk is full", "Free some room")

    monkeypatch.setattr(notices, "add", full)
    hands.wall = LATER
    assert guard.in_doubt()
    assert guard.in_doubt()
    monkeypatch.undo()
    assert guard.in_doubt()
    assert [notice.code for notice in notices.unseen()] == ["clock-ahead"]


@given(st.datetimes(timezones=st.just(timezone.utc)), st.datetimes(timezones=st.just(timezone.utc)))
def test_only_what_was_recorded_with_a_clock_that_was_set_grows_old(then, now):
    assert is_older(then, now, 30 * DAY) == (then >= OLDEST and now - then > 30 * DAY)
