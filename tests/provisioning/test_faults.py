"""What a board does when its disk, its clock or a release fails in the middle of an update.

Each time, a release that worked before runs, the history has a code, and the same update succeeds afterwards.
"""

import errno
import itertools
import os
from dataclasses import dataclass

import pytest

from provisioning.boot import history
from provisioning.boot.gate import judge
from provisioning.boot.place import Place
from provisioning.boot.selector import Selector
from provisioning.codes import ProvisionRefused
from provisioning.update.engine import Engine
from tests.provisioning.crash_disk import CrashDisk
from tests.provisioning.releases import (
    PLACE,
    InMemory,
    Installer,
    board_with,
    bundle_of,
    codes,
    engine_of,
    facts_of,
    offer_of,
    selector_of,
    set_up,
)
from tests.provisioning.soundness import require_sound

DISK_FAULTS = {errno.ENOSPC: "E-NO-SPACE", errno.EDQUOT: "E-NO-SPACE", errno.EIO: "E-DISK", errno.EROFS: "E-DISK"}
MANY = 1000
"""More operations, or names, than any change makes."""


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    return {counter: bundle_of(facts_of(counter), folder) for counter in (2, 3)}


@pytest.fixture
def apply(packed):
    return lambda disk, counter=2: engine_of(disk).apply(offer_of(disk, facts_of(counter), packed[counter]))


@pytest.fixture
def updated(apply):
    """A board on which release 2 runs, and release 1 is the previous one."""
    disk = board_with(1)
    apply(disk)
    selector_of(disk).start()
    selector_of(disk).confirm()
    return disk.copy()


def roll_back(disk):
    engine_of(disk).roll_back("asked for")


def trial_passes(disk):
    selector_of(disk).start()
    selector_of(disk).confirm()


def operations(board, change):
    """The number of operations that a change makes."""
    probe = board.copy()
    change(probe)
    return range(probe.done)


# the disk of the board


@pytest.mark.parametrize(("fault", "code"), DISK_FAULTS.items())
def test_a_disk_that_refuses_one_operation_of_an_update(fault, code, apply):
    for at in operations(board_with(1), apply):
        disk = board_with(1)
        disk.fails = {at: fault}
        with pytest.raises(ProvisionRefused) as refused:
            apply(disk)
        assert (refused.value.cause, codes(disk)[-1]) == (code, code)
        require_sound(disk.copy(), ("1",))
        apply(disk)
        trial_passes(disk)
        require_sound(disk, ("2",), floor=2)


@pytest.mark.parametrize(("fault", "code"), DISK_FAULTS.items())
def test_a_disk_that_refuses_everything_from_one_operation_of_an_update_on(fault, code, apply):
    """Until it takes writes again; the history cannot have the code, so the error has it."""
    for at in operations(board_with(1), apply):
        disk = board_with(1)
        disk.fails = dict.fromkeys(range(at, at + MANY), fault)
        with pytest.raises(ProvisionRefused) as refused:
            apply(disk)
        assert refused.value.cause == code
        assert selector_of(disk).start() == "a"
        disk.fails = {}
        if not selector_of(disk).load().trial:
            require_sound(disk.copy(), ("1",))
            apply(disk)
        trial_passes(disk)
        require_sound(disk, ("2",), floor=2)


@pytest.mark.parametrize(("fault", "code"), DISK_FAULTS.items())
def test_a_disk_that_refuses_one_operation_of_a_rollback(fault, code, updated):
    for at in operations(updated, roll_back):
        disk = updated.copy()
        disk.fails = {at: fault}
        with pytest.raises(ProvisionRefused) as refused:
            roll_back(disk)
        assert (refused.value.cause, codes(disk)[-1]) == (code, code)
        require_sound(disk.copy(), ("2",), floor=2)
        roll_back(disk)
        trial_passes(disk)
        require_sound(disk, ("1",), floor=2)


@pytest.mark.parametrize("fault", DISK_FAULTS)
@pytest.mark.parametrize("refused", [1, MANY])
def test_a_disk_that_refuses_the_confirmation_of_a_trial(fault, refused, apply):
    board = board_with(1)
    apply(board)
    selector_of(board).start()
    for at in operations(board, lambda disk: selector_of(disk).confirm()):
        disk = board.copy()
        disk.fails = dict.fromkeys(range(at, at + refused), fault)
        with pytest.raises(OSError, match=os.strerror(fault)):
            selector_of(disk).confirm()
        disk.fails = {}
        require_sound(disk.copy(), ("2?", "2"))
        trial_passes(disk)
        require_sound(disk, ("2",), floor=2)
        assert codes(disk).count("OK-CONFIRMED") == 1


@pytest.mark.parametrize("fault", DISK_FAULTS)
def test_a_disk_that_refuses_a_start_runs_what_can_start(fault, apply, updated):
    """A trial, an active slot that is damaged, and one that has no previous one: the safe page."""
    trial, damaged, bare = board_with(1), updated.copy(), board_with(1)
    apply(trial)
    damaged.remove(PLACE.mark("b"))
    bare.remove(PLACE.mark("a"))
    for board, able in ((trial, ("a", "b")), (damaged, ("a",)), (bare, ("",))):
        for at in operations(board, lambda disk: selector_of(disk).start()):
            disk = board.copy()
            disk.fails = dict.fromkeys(range(at, at + MANY), fault)
            assert selector_of(disk).start() in able
            disk.fails = {}
            assert selector_of(disk).start() in able


@dataclass
class FullOfNames(CrashDisk):
    """It has room for content, and for `left` new names."""

    left: int = MANY

    def _change(self, change):
        if change.node is not None and change.old is None:
            if not self.left:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(change.path))
            self.left -= 1
        super()._change(change)


def test_a_disk_that_has_no_inode_left(apply):
    probe = FullOfNames(board_with(1).names_)
    apply(probe)
    made = MANY - probe.left
    assert made > 10
    for left in range(made):
        disk = FullOfNames(board_with(1).names_, left=left)
        with pytest.raises(ProvisionRefused):
            apply(disk)
        assert codes(disk)[-1] == "E-NO-SPACE"
        require_sound(disk.copy(), ("1",))
        disk.left = MANY
        apply(disk)
        trial_passes(disk)
        require_sound(disk, ("2",), floor=2)


# the clock


def test_a_clock_that_jumps_in_the_middle_of_an_update_changes_no_more_than_the_times_in_the_history(packed):
    times = itertools.cycle(f"{year}-01-19T03:14:08+00:00" for year in (2099, 1970, 2038))
    disk = board_with(1)
    selector = Selector(disk, PLACE, lambda: next(times))
    Engine(selector, Installer(disk), facts_of(2).compat, lambda: None).apply(offer_of(disk, facts_of(2), packed[2]))
    selector.start()
    selector.confirm()
    require_sound(disk, ("2",), floor=2)
    assert codes(disk) == ["OK-INSTALLED", "OK-ARMED", "OK-CONFIRMED"]
    armed, confirmed = history.events(disk, PLACE)[1:]
    assert confirmed.at < armed.at


# the release

PROGRAMS = {
    "crashes": ("kill -KILL $$", 60, "status -9"),
    "hangs": ("exec sleep 60", 0.3, "did not end in time"),
    "golden": ("echo 'golden vectors: 3 of 16 differ.'; exit 1", 60, "3 of 16 differ"),
    "is no program": (None, 60, "cannot start"),
}
"""The script of a program, the seconds that its self-test may take, and what the history states."""


@pytest.mark.parametrize("fault", PROGRAMS)
def test_a_release_that_does_not_work_goes_back_and_the_next_one_can_be_applied(fault, packed, memory):
    (script, limit_s, words), turns = PROGRAMS[fault], iter((True, False))
    files, place = InMemory(), Place(memory / "board")
    set_up(files, place)
    selector = selector_of(files, place)
    engine_of(files, place).apply(offer_of(files, facts_of(2), packed[2]))
    program = place.slot(selector.start()) / "bin/sonoedge"
    if script is not None:
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    selector.fail(judge((str(program),), lambda: next(turns), limit_s, every_s=0))
    assert selector.start() == "a"
    last = history.events(files, place)[-1]
    assert last.code == "E-HEALTH"
    assert words in last.what
    engine_of(files, place).apply(offer_of(files, facts_of(3), packed[3]))
    selector.start()
    selector.confirm()
    require_sound(files, ("3",), floor=3, place=place)


@pytest.mark.parametrize("refusing", [{}, dict.fromkeys(range(MANY), errno.EROFS)], ids=["disk works", "disk refuses"])
def test_where_both_slots_are_bad_the_safe_page_runs_until_a_release_is_applied(refusing, apply, updated):
    disk = updated
    disk.remove(PLACE.mark("b"))
    disk.remove(PLACE.slot("a") / "bin/python3")
    disk.fails = refusing
    assert [selector_of(disk).start() for _ in range(5)] == [""] * 5
    disk.fails = {}
    assert [selector_of(disk).start() for _ in range(5)] == [""] * 5
    assert disk.read_link(PLACE.current) == PLACE.safe.name
    assert codes(disk).count("E-BOTH-SLOTS") == 1
    apply(disk, 3)
    trial_passes(disk)
    require_sound(disk, ("3",), floor=3)
