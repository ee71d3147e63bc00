"""Everything that is open is closed once and in reverse, also if a part fails or hangs."""

import threading

from structlog.testing import capture_logs

from edge.supervisor.closers import Closers

LONG_S = 60


def test_the_newest_is_closed_first_and_each_is_closed_once():
    closers, closed = Closers(), []
    for name in "abc":
        assert closers.push(name, lambda name=name: closed.append(name), LONG_S)
    assert closers.close() == []
    assert closers.close() == []
    assert closed == ["c", "b", "a"]


def test_an_error_is_returned_and_the_others_are_closed():
    closers, closed = Closers(), []
    closers.push("a", lambda: closed.append("a"), LONG_S)
    closers.push("b", lambda: 1 / 0, LONG_S)
    closers.push("c", lambda: {}["x"], LONG_S)
    assert [type(error) for error in closers.close()] == [KeyError, ZeroDivisionError]
    assert closed == ["a"]


def test_a_part_that_hangs_is_named_and_left():
    closers, closed, hangs = Closers(), [], threading.Event()
    closers.push("a", lambda: closed.append("a"), LONG_S)
    closers.push("the one that hangs", lambda: hangs.wait(LONG_S), 0.05)
    with capture_logs() as logged:
        assert closers.close() == []
    assert closed == ["a"]
    hangs.set()
    assert [line["what"] for line in logged] == ["the one that hangs"]


def test_nothing_is_added_after_the_stop_has_begun():
    closers = Closers()
    seen = []
    closers.push("a", lambda: seen.append(closers.push("late", list, LONG_S)), LONG_S)
    closers.close()
    assert seen == [False]
    assert not closers.push("later", list, LONG_S)


def test_a_second_stop_waits_for_the_first():
    closers, begun, go, order = Closers(), threading.Event(), threading.Event(), []
    closers.push("slow", lambda: (begun.set(), go.wait(LONG_S), order.append("closed")), LONG_S)
    first = threading.Thread(target=closers.close)
    second = threading.Thread(target=lambda: (closers.close(), order.append("second returns")))
    first.start()
    assert begun.wait(LONG_S)
    second.start()
    go.set()
    first.join(LONG_S)
    second.join(LONG_S)
    assert order == ["closed", "second returns"]
