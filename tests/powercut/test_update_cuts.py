"""The power of a real ext4 disk fails before each operation of an update's life, and again while the board recovers.

`tests/provisioning/test_every_cut.py` asks the same of a disk in memory, in every state; here the kernel decides what is lost.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager

import pytest

from provisioning.boot.files import RealFiles
from provisioning.boot.place import Place
from provisioning.boot.record import Records
from tests.powercut.life import LIFE, Board
from tests.powercut.loop_disk import Disk, copy_still
from tests.provisioning.releases import bundle_of, facts_of, selector_of, set_up
from tests.provisioning.soundness import require_sound

pytestmark = [pytest.mark.powercut, pytest.mark.slow]

LEAST_CUTS, LEAST_KILLS = 60, 100
SECOND_CUT_EVERY = 5
IMAGE_MB, JOURNAL_MB = 8, 1
STATED_FREE = 10**9
"""An update wants more room than a disk has that is copied at each cut."""
LAZY = ("commit=300", "noauto_da_alloc")
"""ext4 writes nothing by itself for five minutes, and gives a file that takes another's name no special care."""
CHANGES = ("write", "append", "link", "make_folder", "rename", "remove", "remove_folder", "sync", "sync_tree")
"""The operations of `Files` that change a disk, or what it would lose."""
SYSTEM_CALLS = "/^(write|fsync|fdatasync|ftruncate|sync|rename|unlink|mkdir|symlink|rmdir)"
KILLED = ("apply", "start of a trial", "confirm", "apply over an older one")
"""The first changes of the life, in its order: one process each, so not all of them."""


@pytest.fixture
def packed(tmp_path):
    return {counter: bundle_of(facts_of(counter), tmp_path) for counter in (1, 2, 3)}


def watched(look):
    """The real disk; `look` is called before each operation that changes it."""

    def looked_at(operation):
        def look_first(*given):
            look()
            return operation(*given)

        return look_first

    files = RealFiles()
    for name in CHANGES:
        setattr(files, name, looked_at(getattr(files, name)))
    files.free_bytes = lambda _: STATED_FREE
    return files


def on(disk):
    return Place(disk.place / "sonoedge")


class Cuts:
    """Cuts the power of disks, and counts."""

    def __init__(self):
        self.made, self.media = Counter(), set()

    @contextmanager
    def cut(self, disk, name):
        """The disk that is left of `disk`, mounted."""
        left = Disk(disk.image.with_stem(f"{disk.image.stem}-cut"), disk.place.with_name(f"{disk.place.name}-cut"))
        copy_still(disk.image, left.image)
        self.made[name] += 1
        self.media.add(hashlib.sha256(left.image.read_bytes()).digest())
        left.mount(*LAZY)
        try:
            yield left
        finally:
            left.unmount()

    def check(self, disk, name, allowed, floor, *, again):
        """After a cut now, the board is sound; and so it is after a cut anywhere in its recovery, if `again`."""
        with self.cut(disk, name) as left:
            number = Records(RealFiles(), on(left)).load().number
            if again:
                later = f"{name}, cut again"
                selector_of(watched(lambda: self.check(left, later, allowed, floor, again=False)), on(left)).start()
            require_sound(RealFiles(), allowed, floor=floor, number=number, place=on(left))


def commit_journal(disk):
    """What ext4 does each five seconds: every name is on the disk, and no content that nobody synced."""
    with (disk.place / "elsewhere").open("ab") as file:
        file.write(b"x")
        file.flush()
        os.fsync(file.fileno())


def leave_journal(disk):
    """ext4 writes names only when it is asked to."""


@pytest.mark.usefixtures("loop_devices")
@pytest.mark.parametrize("before", [leave_journal, commit_journal], ids=["names-late", "names-early"])
def test_a_power_cut_anywhere_leaves_a_board_that_starts(before, memory, packed, missing, record_property):
    cuts, disk = Cuts(), Disk(memory / "disk.img", memory / "disk")
    try:
        disk.make(IMAGE_MB, JOURNAL_MB, *LAZY)
    except subprocess.CalledProcessError as error:
        missing(f"a kernel that mounts loop devices ({error.stderr.decode().strip()})")
    try:
        set_up(RealFiles(), on(disk))
        for name, (change, during, afterwards) in LIFE.items():
            floor = Records(RealFiles(), on(disk)).load().counter

            def look(name=name, during=during, floor=floor):
                before(disk)
                cuts.check(disk, name, during, floor, again=cuts.made[name] % SECOND_CUT_EVERY == 0)

            change(Board(watched(look), on(disk), packed))
            look(during=afterwards)
    finally:
        disk.unmount()
    print(f"\npower cuts of ext4 ({before.__name__}):", *(f"{count:5} {name}" for name, count in cuts.made.items()), sep="\n")
    record_property(f"power cuts of an update on a real ext4 ({before.__name__}), on {len(cuts.media)} different disks", cuts.made.total())
    assert cuts.made.total() >= LEAST_CUTS


def copied(board, name):
    """A copy of the folder of a board, beside it."""
    return shutil.copytree(board, board.with_name(name), symlinks=True)


def traced(name, root, bundles, *options):
    """Makes a change in a process of its own, and returns how it ended and the system calls that changed the disk, in their order."""
    log = bundles.with_name("calls")
    tracing = ["strace", "-f", "-qq", "-o", log, "-e", f"trace={SYSTEM_CALLS}", *options]
    command = [*tracing, sys.executable, "-m", "tests.powercut.life", root, bundles, name]
    done = subprocess.run(command, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode, re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE)


def test_a_kill_at_any_system_call_leaves_a_board_that_starts(memory, packed, missing, record_property):
    if shutil.which("strace") is None:
        missing("strace (apt-get install strace)")
    kills, whole, bundles = Counter(), memory / "board", memory / "bundles"
    bundles.mkdir()
    for counter, content in packed.items():
        (bundles / str(counter)).write_bytes(content)
    set_up(RealFiles(), Place(whole))
    for name in KILLED:
        _, during, afterwards = LIFE[name]
        floor, after = Records(RealFiles(), Place(whole)).load().counter, copied(whole, f"{name}, ended")
        ended, calls = traced(name, after, bundles)
        assert ended == 0
        require_sound(RealFiles(), afterwards, floor=floor, place=Place(copied(after, f"{name}, started")))
        for at, call in enumerate(calls):
            left = copied(whole, f"{name}, {at}")
            count = calls[: at + 1].count(call)  # strace counts each system call by itself
            ended, done = traced(name, left, bundles, "-e", f"inject={call}:signal=KILL:when={count}")
            assert (ended, done) == (-signal.SIGKILL, calls[: at + 1])
            kills[name] += 1
            require_sound(RealFiles(), during, floor=floor, place=Place(left))
        whole = after
    print("\nkills at a system call:", *(f"{count:5} {name}" for name, count in kills.items()), sep="\n")
    record_property("updates killed at a system call", kills.total())
    assert kills.total() >= LEAST_KILLS
