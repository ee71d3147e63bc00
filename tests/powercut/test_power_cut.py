"""The power of a writer's disk is cut a hundred times: every acknowledged write is on the disk.

The disk is a file, mounted as ext4 through a loop device: data reaches the file only when ext4 sends it to its device. At a cut the
writer is stopped, and the file is copied: it does not contain data that ext4 and SQLite hold in memory. The copy is mounted, so that
ext4 replays its journal, and the records are opened. A loop device cannot simulate a disk that loses accepted data before a flush, or
that tears a sector.
"""

import filecmp
import os
import random
import shutil
import subprocess

import pytest

pytestmark = [pytest.mark.powercut, pytest.mark.slow]

CUTS = 100
MOST_WRITES, LATEST_S = 15, 0.03
"""Largest number of writes before the cut, and longest time between the last one and the cut."""
IMAGE_MB = 24


class Disk:
    """A mounted image with ext4."""

    def __init__(self, image, place):
        self.image, self.place = image, place
        place.mkdir()

    def make(self):
        with self.image.open("wb") as file:
            file.truncate(IMAGE_MB * 1024 * 1024)
        run("mkfs.ext4", "-q", "-F", "-J", "size=4", str(self.image))
        return self.mount()

    def mount(self):
        run("mount", "-o", "loop", "-t", "ext4", str(self.image), str(self.place))
        return self

    def unmount(self):
        if os.path.ismount(self.place):
            run("umount", str(self.place))


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path, missing, loop_devices):
    made = Disk(tmp_path / "disk.img", tmp_path / "disk")
    try:
        made.make()
    except subprocess.CalledProcessError as error:
        missing(f"a kernel that mounts loop devices ({error.stderr.decode().strip()})")
    yield made
    made.unmount()


@pytest.fixture
def cut(tmp_path, disk):
    made = Disk(tmp_path / "cut.img", tmp_path / "cut")
    yield made
    made.unmount()


def copy_still(image, copy):
    """Data on its way to the device still arrives after the stop. Two equal copies show that no more arrives."""
    again = copy.with_suffix(".again")
    shutil.copyfile(image, copy)
    for _ in range(20):
        shutil.copyfile(image, again)
        if filecmp.cmp(copy, again, shallow=False):
            again.unlink()
            return
        again.replace(copy)
    raise AssertionError("the disk continued to change")


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
