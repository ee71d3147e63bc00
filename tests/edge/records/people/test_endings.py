"""Sessions end in memory first: a full disk keeps none alive, and the end is recorded once there is room."""

from datetime import timedelta

import pytest

from edge.records.errors import RecordsFull
from edge.records.people.endings import AGAIN, Endings


class Disk:
    """Records the ends of sessions, unless it is full."""

    def __init__(self):
        self.full, self.ends = False, []

    def end(self, session_id, by, act, **detail):
        if self.full:
            raise RecordsFull("the disk is full", "free some room")
        self.ends.append((session_id, by, act, detail))


@pytest.fixture
def clock():
    return [timedelta(hours=1)]


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def endings(disk, clock):
    return Endings(disk, lambda: clock[0])


def test_an_end_that_is_recorded_needs_no_memory(endings, disk):
    endings.end("s", "Sara", "session.ended")
    assert disk.ends == [("s", "Sara", "session.ended", {})]
    assert not endings.over("s")


def test_an_end_that_the_disk_refuses_holds_at_once_and_is_recorded_when_there_is_room(endings, disk, clock):
    disk.full = True
    endings.end("s", "Sara", "session.ended")
    endings.end("s", "appliance", "session.expired", why="idle")  # the first end counts
    endings.end("t", "appliance", "session.expired", why="idle")
    assert (endings.over("s"), endings.over("t"), endings.over("u")) == (True, True, False)
    disk.full = False
    endings.record_due()
    assert disk.ends == []  # it was tried less than a minute ago
    clock[0] += AGAIN
    endings.record_due()
    assert [each[:3] for each in disk.ends] == [("s", "Sara", "session.ended"), ("t", "appliance", "session.expired")]
    assert not endings.over("s")
