"""The power fails at every operation of each change of the slots, and again while the board recovers: exhaustively, on a disk in memory."""

import itertools
from collections import Counter
from contextlib import suppress

import pytest

from provisioning.boot.record import Records
from tests.provisioning.crash_disk import PowerCut
from tests.provisioning.releases import (
    PLACE,
    board_with,
    bundle_of,
    content_of,
    engine_of,
    facts_of,
    offer_of,
    selector_of,
    slot_content,
)
from tests.provisioning.soundness import require_sound

STATES = Counter()
"""How many disks were looked at, for each operation."""
LEAST_STATES = 10_000
DONE_AGAIN_EVERY = 3
"""Of the disks after a cut of an update, each third one is updated again."""
SECOND_CUT_EVERY = 9
"""Of the disks after a first cut, each ninth one is cut again, at every operation of its recovery."""


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    return {counter: bundle_of(facts_of(counter), folder) for counter in (1, 2, 3)}


def apply(packed, counter):
    return lambda disk: engine_of(disk).apply(offer_of(disk, facts_of(counter), packed[counter]))


def start(disk):
    selector_of(disk).start()


def confirm(disk):
    selector_of(disk).confirm()


def fail(disk):
    selector_of(disk).fail("its self-test did not pass")


def stop(disk):
    selector_of(disk).asked_to_stop()


def roll_back(disk):
    engine_of(disk).roll_back("asked for")


def after(disk, *operations):
    for operation in operations:
        operation(disk)
    return disk.copy()


def cuts(disk, operation):
    """Every disk that a cut anywhere in `operation` may leave, and the ones after it has ended."""
    for cut_at in itertools.count():
        cut = disk.copy()
        cut.cut_at = cut_at
        try:
            operation(cut)
        except PowerCut:
            yield from ((False, left) for left in cut.after_cut())
        else:
            yield from ((True, left) for left in cut.after_cut())
            return


def sweep(name, board, operation, *, before, afterwards):
    """`before`: what may run until `operation` has ended, `afterwards`: from then on."""
    floor = Records(board, PLACE).load().counter
    for count, (over, left) in enumerate(cuts(board, operation)):
        STATES[name] += 1
        allowed = afterwards if over else before
        second, number = left.copy(), Records(left, PLACE).load().number
        require_sound(left, allowed, floor=floor, number=number)
        if count % SECOND_CUT_EVERY:
            continue
        for _, again in cuts(second, start):
            STATES[f"{name}, cut again"] += 1
            require_sound(again, allowed, floor=floor, number=number)


def test_an_update_is_applied(packed):
    sweep("apply", board_with(1), apply(packed, 2), before=("1", "2?"), afterwards=("2?",))


def test_an_update_is_applied_over_an_older_one(packed):
    board = after(board_with(1), apply(packed, 2), start, confirm)
    sweep("apply over an older one", board, apply(packed, 3), before=("2", "3?"), afterwards=("3?",))


def test_a_trial_starts(packed):
    board = after(board_with(1), apply(packed, 2))
    sweep("start of a trial", board, start, before=("2?",), afterwards=("2?",))


def test_the_last_start_of_a_trial_is_used_up(packed):
    board = after(board_with(1), apply(packed, 2), start, start, start)
    sweep("end of a trial", board, start, before=("1",), afterwards=("1",))


def test_a_trial_is_stopped_by_people(packed):
    board = after(board_with(1), apply(packed, 2), start, start)
    sweep("stop", board, stop, before=("1", "2?"), afterwards=("2?",))


def test_a_trial_is_confirmed(packed):
    board = after(board_with(1), apply(packed, 2), start)
    sweep("confirm", board, confirm, before=("2?", "2"), afterwards=("2",))


def test_a_trial_fails(packed):
    board = after(board_with(1), apply(packed, 2), start)
    sweep("fail", board, fail, before=("2?", "1"), afterwards=("1",))


def test_people_roll_back(packed):
    board = after(board_with(1), apply(packed, 2), start, confirm)
    sweep("roll back", board, roll_back, before=("2", "1?"), afterwards=("1?",))


def test_a_rollback_is_confirmed(packed):
    board = after(board_with(1), apply(packed, 2), start, confirm, roll_back, start)
    sweep("confirm a rollback", board, confirm, before=("1?", "1"), afterwards=("1",))


def test_an_update_that_was_cut_anywhere_is_finished_by_doing_it_again(packed):
    for _, left in itertools.islice(cuts(board_with(1), apply(packed, 2)), 0, None, DONE_AGAIN_EVERY):
        STATES["apply, done again"] += 1
        start(left)
        if not selector_of(left).load().trial:
            apply(packed, 2)(left)
            start(left)
        confirm(left)
        require_sound(left, ("2",), floor=2)


@pytest.mark.parametrize("number", [28, 5])  # ENOSPC and EIO
def test_a_disk_that_refuses_any_operation_leaves_the_active_release(packed, number):
    """The error states it, and the update can be done again."""
    probe = board_with(1)
    apply(packed, 2)(probe)
    for at in range(probe.done):
        disk = board_with(1)
        disk.fails = {at: number}
        STATES["the disk refuses"] += 1
        with suppress(Exception):
            apply(packed, 2)(disk)
        disk.fails = {}
        if not selector_of(disk).load().trial:
            require_sound(disk.copy(), ("1",))
            apply(packed, 2)(disk)
        start(disk)
        confirm(disk)
        require_sound(disk, ("2",), floor=2)


def test_a_disk_that_refuses_any_operation_keeps_no_board_from_starting(packed):
    board = after(board_with(1), apply(packed, 2))
    probe = board.copy()
    start(probe)
    for at in range(probe.done):
        disk = board.copy()
        disk.fails = dict.fromkeys(range(at, 1000), 28)
        STATES["the disk refuses a start"] += 1
        assert selector_of(disk).start()
        link = disk.read_link(PLACE.current)
        assert slot_content(disk, link.removeprefix("slots/")) in (content_of("1.0"), content_of("2.0"))


def test_every_state_was_looked_at(record_property):
    """Runs last. The figures of each operation: pytest -s."""
    print("\nstates after a power cut:", *(f"{count:7} {name}" for name, count in STATES.items()), sep="\n")
    record_property("states of a disk after a power cut of an update, its trial or a rollback (crash model)", STATES.total())
    assert STATES.total() >= LEAST_STATES
