"""The lobby keeps room for those who have something to ask."""

from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from edge.api import lobby
from edge.api.lobby import LIMITS_S, Lobby, Wait


@dataclass(eq=False)
class Caller:
    wait: Wait = Wait.HEAD
    unsent: int = 0
    aborted: bool = False

    def abort(self):
        self.aborted = True


def enter(room, *addresses, wait=Wait.HEAD):
    callers = [Caller(wait) for _ in addresses]
    for caller, address in zip(callers, addresses, strict=True):
        room.enter(caller, address)
    return callers


def aborted(callers):
    return [caller.aborted for caller in callers]


def test_the_newest_replaces_the_one_that_waited_longest():
    callers = enter(Lobby(total=9, each=2), "192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.1")
    assert aborted(callers) == [True, False, False, False]


def test_many_addresses_of_one_place_count_together():
    callers = enter(Lobby(total=9, each=1), "127.0.0.1", "127.0.0.2", "::1")
    assert aborted(callers) == [True, True, False]


def test_all_places_together_are_limited_too():
    callers = enter(Lobby(total=2, each=2), "192.0.2.1", "192.0.2.2", "192.0.2.3")
    assert aborted(callers) == [True, False, False]


def test_most_of_few_file_descriptors_are_left_to_the_exam(monkeypatch):
    monkeypatch.setattr(lobby.resource, "getrlimit", lambda _: (20, 20))
    callers = enter(Lobby(), *(f"192.0.2.{number}" for number in range(9)))
    assert sum(aborted(callers)) == 9 - 20 // lobby.SHARE


def test_an_answer_and_a_live_stream_are_never_interrupted():
    room = Lobby(total=9, each=2)
    busy = enter(room, "192.0.2.1", "192.0.2.1", wait=Wait.NOTHING)
    assert aborted(busy + enter(room, "192.0.2.1")) == [False, False, True]
    assert len(room) == 2


class Clock:
    """Its time is small, as on a board that has just started."""

    def __init__(self):
        self.now = 3.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def sweep_after(room, clock, seconds):
    clock.now += seconds
    room.sweep()


@pytest.mark.parametrize("wait", LIMITS_S)
def test_a_wait_without_progress_ends(wait, clock):
    room, caller = Lobby(clock=clock), Caller(wait, 7)
    room.enter(caller, "192.0.2.1")
    sweep_after(room, clock, 1)
    sweep_after(room, clock, LIMITS_S[wait])
    assert not caller.aborted
    sweep_after(room, clock, 1)
    assert caller.aborted
    assert len(room) == 0


def test_progress_of_a_slow_reader_and_the_next_request_extend_the_wait(clock):
    room, caller = Lobby(clock=clock), Caller(Wait.READER, 7)
    room.enter(caller, "192.0.2.1")
    for second in range(100):
        caller.unsent = second
        sweep_after(room, clock, 1)
    assert not caller.aborted


def test_an_appliance_that_works_long_on_an_answer_is_not_interrupted(clock):
    room = Lobby(clock=clock)
    (caller,) = enter(room, "192.0.2.1", wait=Wait.NOTHING)
    for _ in range(3):
        sweep_after(room, clock, 1000)
    assert not caller.aborted


def test_the_log_counts_those_who_had_to_leave_at_most_once_a_minute(clock):
    room = Lobby(total=1, clock=clock)
    with capture_logs() as logged:
        for _ in range(3):
            enter(room, "192.0.2.1", "192.0.2.1", "192.0.2.1")
            sweep_after(room, clock, 1)
        sweep_after(room, clock, lobby.LOG_S)
    assert [line["closed"] for line in logged] == [2, 6]
