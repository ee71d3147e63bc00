import threading
from collections.abc import Iterator

import pytest

from edge.exam.ahead import ahead


def test_all_items_come_in_order() -> None:
    assert list(ahead(range(1000), 4)) == list(range(1000))


def test_items_are_made_in_another_thread_and_no_further_ahead_than_asked() -> None:
    made: list[int] = []
    threads: set[str] = set()
    waits = threading.Event()

    def items() -> Iterator[int]:
        for number in range(20):
            threads.add(threading.current_thread().name)
            made.append(number)
            if number == 4:
                waits.set()
            yield number

    taken = ahead(items(), 3)
    assert next(taken) == 0
    assert waits.wait(5), "one taken, three in the queue, one in hand"
    assert made == [0, 1, 2, 3, 4]
    assert list(taken) == list(range(1, 20))
    assert threads == {"ahead"}


def test_an_error_comes_out_where_its_item_would() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise LookupError("third")

    taken = ahead(items(), 8)
    assert [next(taken), next(taken)] == [1, 2]
    with pytest.raises(LookupError, match="third"):
        next(taken)


def test_leaving_early_ends_the_thread() -> None:
    taken = ahead(iter(int, 1), 2)
    assert next(taken) == 0
    taken.close()
    assert "ahead" not in {thread.name for thread in threading.enumerate()}
