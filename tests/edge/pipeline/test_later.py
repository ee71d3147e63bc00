import threading

import pytest

from edge.pipeline.later import Later


def test_the_value_is_waited_for():
    later, asked, got = Later(), threading.Event(), []

    def ask():
        asked.set()
        got.append(later.get())

    thread = threading.Thread(target=ask)
    thread.start()
    assert asked.wait(10)
    assert not got
    later.make(lambda: 3)
    thread.join()
    assert (got, later.get()) == ([3], 3)


def test_none_is_a_value():
    later = Later()
    later.make(lambda: None)
    assert later.get() is None


def test_an_error_is_raised_where_the_value_is_needed():
    later = Later()
    later.make(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        later.get()


def test_a_maker_that_is_ended_leaves_nobody_waiting():
    later = Later()
    with pytest.raises(KeyboardInterrupt):
        later.make(lambda: exec("raise KeyboardInterrupt"))
    with pytest.raises(RuntimeError, match="not made"):
        later.get()
