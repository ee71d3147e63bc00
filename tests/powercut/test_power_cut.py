"""The power of a writer's disk is cut a hundred times: every acknowledged write is on the disk.

The disk is a file, mounted as ext4 through a loop device: data reaches the file only when ext4 sends it to its device. At a cut the
writer is stopped, and the file is copied: it does not contain data that ext4 and SQLite hold in memory. The copy is mounted, so that
ext4 replays its journal, and the records are opened.
"""

import random
import subprocess

import pytest

from tests.powercut.loop_disk import Disk, copy_still

pytestmark = [pytest.mark.powercut, pytest.mark.slow]

CUTS = 100
MOST_WRITES, LATEST_S = 15, 0.03
"""Largest number of writes before the cut, and longest time between the last one and the cut."""
IMAGE_MB, JOURNAL_MB = 24, 4


@pytest.fixture
def disk(tmp_path, missing, loop_devices):
    made = Disk(tmp_path / "disk.img", tmp_path / "disk")
    try:
        made.make(IMAGE_MB, JOURNAL_MB)
    except subprocess.CalledProcessError as error:
        missing(f"a kernel that mounts loop devices ({error.stderr.decode().strip()})")
    yield made
    made.unmount()


@pytest.fixture
def cut(tmp_path, disk):
    made = Disk(tmp_path / "cut.img", tmp_path / "cut")
    yield made
    made.unmount()


def test_nothing_acknowledged_is_lost_over_a_hundred_power_cuts(disk, cut, writers, account):
    chance = random.Random(20261125)
    for number in range(CUTS):
        writers.begin(disk.place / "data", number)
        writers.work(chance.randrange(MOST_WRITES), chance.uniform(0, LATEST_S))
        writers.stop()
        copy_still(disk.image, cut.image)
        account.acknowledged += writers.kill()
        cut.mount()
        if (cut.place / "data").exists():
            account.check(cut.place / "data")
        else:
            assert not account.acknowledged
        cut.unmount()
    account.print_result("power cuts")
    assert account.lost == 0
    assert len(account.acknowledged) > 3 * CUTS
