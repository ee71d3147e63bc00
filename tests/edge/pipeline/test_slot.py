"""The slot contains the newest item, returns the displaced one, and lets nobody wait after it is closed."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from edge.pipeline.slot import LatestSlot

SHORT_S, LONG_S = 0.001, 30


@given(st.lists(st.sampled_from(["put", "take", "close"]), max_size=40))
def test_after_any_order_of_calls_the_newest_is_there_and_all_are_accounted_for(calls):
    slot, held, closed, taken, displaced = LatestSlot(), None, False, [], []
    for number, call in enumerate(calls, start=1):
        if call == "put":
            back = slot.put(number)
            assert back == (number if closed else held)
            displaced += [back] if back else []
            held = held if closed else number
        elif call == "take":
            assert slot.take(0) == held
            taken += [held] if held else []
            held = None
        else:
            slot.close()
            closed = True
        assert slot.closed is closed
    assert sorted(taken + displaced + ([held] if held else [])) == [n for n, call in enumerate(calls, start=1) if call == "put"]


def test_with_many_threads_no_item_is_lost_or_doubled():
    slot, displaced, taken, each = LatestSlot(), [], [], 2000

    def put(first):
        displaced.extend(filter(None, map(slot.put, range(first, first + each))))

    def take():
        while (item := slot.take(SHORT_S)) is not None or not slot.closed:
            taken.append(item)

    putters = [threading.Thread(target=put, args=(1 + k * each,)) for k in range(3)]
    takers = [threading.Thread(target=take) for _ in range(2)]
    for thread in putters + takers:
        thread.start()
    for thread in putters:
        thread.join()
    slot.close()
    for thread in takers:
        thread.join()
    taken = [item for item in taken if item is not None]
    assert taken
    assert sorted(taken + displaced) == list(range(1, 3 * each + 1))


def test_a_waiting_taker_wakes_for_an_item():
    slot, got = LatestSlot(), []
    thread = threading.Thread(target=lambda: got.append(slot.take(LONG_S)))
    thread.start()
    slot.put("frame")
    thread.join()
    assert got == ["frame"]


def test_a_waiting_taker_wakes_when_the_slot_is_closed():
    slot, got = LatestSlot(), []
    thread = threading.Thread(target=lambda: got.append(slot.take(LONG_S)))
    thread.start()
    slot.close()
    thread.join()
    assert got == [None]


def test_an_empty_slot_gives_nothing():
    assert LatestSlot().take(SHORT_S) is None
