"""A line on a real pty."""

import os
import pty
import threading
import tty

import pytest

from firmware_bridge.sources.line import UNSENT_LIMIT, Line


@pytest.fixture
def ends():
    """(our end, the line on the other)."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    line = Line(theirs, lambda: os.close(theirs))
    yield ours, line
    line.close()
    os.close(ours)


def test_bytes_go_both_ways(ends):
    ours, line = ends
    os.write(ours, b"hello")
    assert line.receive(5) == b"hello"
    assert line.send(b"start")
    assert os.read(ours, 100) == b"start"


def test_nothing_comes_and_nothing_is_returned(ends):
    assert ends[1].receive(0.01) == b""


def test_closing_calls_a_waiting_reader_away(ends):
    _, line = ends
    timer = threading.Timer(0.1, line.close)
    timer.start()
    assert line.receive(30) == b""
    timer.join()
    assert line.closed
    assert line.receive(30) == b""
    assert not line.send(b"x")


def test_a_peer_that_takes_nothing_does_not_hold_up_and_loses_no_byte_of_what_was_accepted(ends):
    ours, line = ends
    message = bytes(range(256)) * 64
    accepted = 0
    while line.send(message):
        accepted += len(message)
    assert accepted > UNSENT_LIMIT
    taken = b""
    while len(taken) < accepted:
        line.receive(0)
        taken += os.read(ours, 65536)
    assert taken == message * (accepted // len(message))


def test_a_hang_up_is_an_error(ends):
    ours, line = ends
    other = os.dup(ours)
    os.close(ours)
    os.dup2(os.open(os.devnull, os.O_RDWR), ours)
    os.close(other)
    with pytest.raises(OSError, match=r"."):
        line.receive(5)


def test_bytes_are_read_to_where_they_belong_and_no_further(ends):
    ours, line = ends
    room = bytearray(8)
    os.write(ours, b"hello")
    assert line.receive_into(memoryview(room)[:3], 5) == 3
    assert line.receive_into(memoryview(room)[3:], 5) == 2
    assert room == b"hello\0\0\0"
    assert line.receive_into(memoryview(room), 0.01) == 0
    line.close()
    assert line.receive_into(memoryview(room), 5) == 0
