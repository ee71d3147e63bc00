"""A latch can be set at any moment, also by the signal handler of a thread that is about to wait for it."""

import signal
import subprocess
import sys
import threading

from edge.supervisor.latch import Latch


def test_every_wait_ends_when_it_is_set_and_it_stays_set():
    latch, passed = Latch(), []
    threads = [threading.Thread(target=lambda: passed.append(latch.wait(60))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert not latch.is_set()
    latch.set()
    latch.set()
    for thread in threads:
        thread.join(60)
    assert passed == [True] * 8
    assert latch.wait(0)


def test_it_is_not_set_before():
    assert not Latch().wait(0)
    assert not Latch().wait(-1)


def interrupted_at(line):
    """Waits for a latch, with a signal before line number `line` that sets it; returns the number of lines that ran."""
    latch, lines = Latch(), 0

    def trace(frame, event, _):
        nonlocal lines
        if not frame.f_code.co_filename.endswith("latch.py"):
            return None
        if event == "line":
            if lines == line:
                signal.raise_signal(signal.SIGUSR1)
            lines += 1
        return trace

    before = signal.signal(signal.SIGUSR1, lambda *_: latch.set())
    sys.settrace(trace)
    try:
        latch.wait(0.01)
        latch.set()
    finally:
        sys.settrace(None)
        signal.signal(signal.SIGUSR1, before)
    assert latch.wait(0)
    return lines


def test_a_signal_handler_can_set_it_at_every_line_of_a_wait():
    line = 0
    while interrupted_at(line) > line:
        line += 1
    assert line >= 5


WAITS = """
import signal, threading
from edge.supervisor.latch import Latch
latch = Latch()
signal.signal(signal.SIGTERM, lambda *_: latch.set())
idle = threading.Thread(target=threading.Event().wait, daemon=True)
idle.start()
threading.Timer(0.2, lambda: signal.pthread_kill(idle.ident, signal.SIGTERM)).start()
print(latch.wait())
"""


def test_a_signal_that_another_thread_receives_ends_the_wait_of_the_main_thread():
    waiting = subprocess.run([sys.executable, "-c", WAITS], capture_output=True, text=True, timeout=60, check=True)
    assert waiting.stdout == "True\n"
