"""The power fails at every operation of a wipe, and again while it goes on: on a disk in memory that loses what was not synced."""

from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.disk.layout import DataFolder
from provisioning.identity.device import Device
from provisioning.identity.statement import verified
from provisioning.wipe.wipe import CERTIFICATE, EraseCertificate, resume_wipe, secrets_of, wipe
from tests.provisioning.crash_disk import CrashDisk, PowerCut

DATA = DataFolder(Path("/data"))
STICK = Path("/stick/erased.json")
DEVICE = Device(Ed25519PrivateKey.generate())
NOW = datetime(2026, 11, 30, tzinfo=timezone.utc)
CANARY = b"Canary Mueller"
PATIENTS = (DATA.records, DATA.exams / "e1" / "clip.mcap", DATA.exams / "e1" / "exam.json", DATA.policy)
LEAST_STATES = 600
SECOND_CUT_EVERY = 100
"""Of the disks after a first cut, each hundredth one is cut again, at every operation that is left."""


class WipeDisk(CrashDisk):
    """With the two operations of a wipe."""

    def size(self, path):
        return len(self.read(path))

    def overwrite(self, path):
        self.write(path, [bytes(self.size(path))])
        self.sync(path)

    def copy(self):
        return WipeDisk(super().copy().names_)

    def after_cut(self):
        return (WipeDisk(each.names_) for each in super().after_cut())


@pytest.fixture(scope="module")
def full():
    disk = WipeDisk()
    for folder in (DATA.root, DATA.identity, DATA.exams, DATA.exams / "e1", STICK.parent):
        disk.make_folder(folder)
    for path in (*PATIENTS, *secrets_of(DATA)):
        disk.write(path, [CANARY])
    return disk.copy()


def cut(disk, number, work):
    """The disk after its operation `number` was cut; None if it had fewer."""
    disk.cut_at = number
    try:
        work(disk)
    except PowerCut:
        return disk
    return None


def start(disk):
    wipe(disk, DATA, DEVICE, DEVICE.id, NOW, copies=[STICK])


def go_on(disk):
    resume_wipe(disk, DATA)


def states(disk, work):
    """Every disk that a cut of `work` can leave."""
    number = 0
    while (left := cut(disk.copy(), number, work)) is not None:
        yield from left.after_cut()
        number += 1


def require_sound(disk):
    """Either the wipe never began and nothing is missing, or it is complete once the board started again."""
    resumed = resume_wipe(disk, DATA)
    contents = {path: node.content for path, node in disk.names_.items() if node.content is not None}
    if resumed is None and DATA.root / CERTIFICATE not in contents:
        assert {contents[path] for path in (*PATIENTS, *secrets_of(DATA))} == {CANARY}
        return
    assert disk.names(DATA.root) == [CERTIFICATE]
    assert not any(CANARY in content for content in contents.values())
    assert verified(contents[DATA.root / CERTIFICATE], EraseCertificate, DEVICE.id).files == len(PATIENTS) + len(secrets_of(DATA))
    assert contents[STICK] == contents[DATA.root / CERTIFICATE]


def test_a_cut_at_each_operation_leaves_a_whole_device_or_an_erased_one(full, record_property):
    count = 0
    for disk in states(full, start):
        require_sound(disk)
        count += 1
    record_property("states of a disk after a power cut of a wipe (crash model)", count)
    assert count >= LEAST_STATES


def test_a_second_cut_while_it_goes_on_changes_nothing(full, record_property):
    count = 0
    for number, disk in enumerate(states(full, start)):
        if number % SECOND_CUT_EVERY == 0:
            for again in states(disk, go_on):
                require_sound(again)
                count += 1
    record_property("states of a disk after a second power cut of a wipe (crash model)", count)
    assert count >= LEAST_STATES


def test_no_key_outlives_a_patients_file(full):
    """Whatever is left of the files after a cut, the keys went first."""
    for disk in states(full, start):
        keys = [path for path in secrets_of(DATA) if disk.exists(path) and disk.read(path) == CANARY]
        gone = [path for path in PATIENTS if not disk.exists(path)]
        assert not (keys and gone)
