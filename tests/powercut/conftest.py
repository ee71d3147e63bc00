"""A writer in a separate process, and the account of its acknowledged writes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.disk.digest import digest_of
from edge.records.audit.entry import Entry
from edge.records.integrity import faults
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.records.schema import AuditRow, ClipRow, ExamRow, FindingRow, SessionRow

ACKNOWLEDGED = {"exam": ExamRow, "clip": ClipRow, "decided": FindingRow, "session": SessionRow, "ended": ExamRow}


@pytest.fixture
def loop_devices(missing):
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4") or not Path("/dev/loop-control").exists():
        missing("root with loop devices and mkfs.ext4")


@pytest.fixture
def ext4(tmp_path, missing, loop_devices):
    """`ext4(megabytes, *options)` makes a disk of its own, almost empty, and returns its mount point."""
    image, place = tmp_path / "disk.img", tmp_path / "disk"

    def mounted(megabytes, *options):
        place.mkdir()
        with image.open("wb") as file:
            file.truncate(megabytes << 20)
        try:
            for command in (("mkfs.ext4", "-q", "-F", "-m", "0", *options, image), ("mount", "-o", "loop", "-t", "ext4", image, place)):
                subprocess.run(command, check=True, capture_output=True)
        except subprocess.CalledProcessError as error:
            missing(f"a kernel that mounts loop devices ({error.stderr.decode().strip()})")
        return place

    yield mounted
    subprocess.run(("umount", place), check=True, capture_output=True)


class Writers:
    """One process that forks one writer at a time."""

    def __init__(self, script="writer.py"):
        self._parent = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(script))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._lines = self._parent.stdout
        self.pid = 0

    def begin(self, folder, seed):
        self._parent.stdin.write(f"{folder} {seed}\n".encode())
        self.pid = int(self._lines.readline())
        self._acknowledged = []

    def work(self, writes, more_s):
        """Waits for this many acknowledged writes and a short time more: the progress must not depend on the load of the machine."""
        for _ in range(writes):
            self._acknowledged.append(json.loads(self._lines.readline()))
        time.sleep(more_s)

    def stop(self):
        """Stops the writer at once, so that it sends nothing more to the disk."""
        os.kill(self.pid, signal.SIGSTOP)
        while Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "Tt":
            time.sleep(0.0005)

    def kill(self):
        """Kills the writer; returns all writes that it acknowledged before."""
        os.kill(self.pid, signal.SIGKILL)
        while (line := self._lines.readline()) != b"ended\n":
            assert line, "the writer ended without a kill"
            self._acknowledged.append(json.loads(line))
        self.pid = 0
        return self._acknowledged

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
        self._parent.stdin.close()
        self._parent.wait()
        self._lines.close()


@dataclass
class Account:
    """All acknowledged writes, and the check of them after each cut."""

    acknowledged: list = field(default_factory=list)
    cuts: int = 0
    lost: int = 0
    more: int = 0
    chains: int = 0
    opened_s: list = field(default_factory=list)

    def check(self, folder):
        """Opens the data after a cut, as the appliance does at its start, and checks every acknowledged write."""
        begun = time.monotonic()
        store = open_records(folder)
        self.opened_s.append(time.monotonic() - begun)
        try:
            assert [notice.what for notice in Notices(store).unseen() if notice.code != "break-glass"] == []
            self._check(store, folder)
        finally:
            store.close()

    def _check(self, store, folder):
        self.cuts += 1
        found = faults(store.path, store.seal.public, whole=True)
        assert found == ()
        self.chains += 1
        with store.read() as session:
            stored = {kind: {row.id: row for row in session.query(kind)} for kind in set(ACKNOWLEDGED.values())}
        self.lost += sum(not self._is_stored(write, stored, folder) for write in self.acknowledged)
        last = max((write["seq"] for write in self.acknowledged), default=0)
        with store.read() as session:
            entries = [Entry.of(body) for (body,) in session.query(AuditRow.body).filter(AuditRow.seq > last)]
        more = len({entry.at for entry in entries})  # entries of one transaction have the same time
        assert more <= 1, f"{more} more writes than were acknowledged"
        self.more += more

    def _is_stored(self, write, stored, folder):
        row = next((stored[kind].get(write[noun]) for noun, kind in ACKNOWLEDGED.items() if noun in write), write)
        if row is None:
            return False
        if "clip" in write:
            path = folder / "exams" / write["file"]
            return path.exists() and digest_of(path) == write["sha256"] == row.sha256
        if "decided" in write:
            return row.decision == "rejected"
        return "ended" not in write or row.state == "preliminary"

    def print_result(self, what):
        slowest = max(self.opened_s)
        print(
            f"\n{self.cuts} {what}: {len(self.acknowledged)} writes acknowledged, {self.lost} lost; "
            f"the audit chain verified {self.chains} times; "
            f"{self.more} writes were stored but not yet acknowledged; records opened again within {slowest:.2f} s"
        )


@pytest.fixture
def writers():
    made = Writers()
    yield made
    made.close()


@pytest.fixture
def takers():
    made = Writers("taker.py")
    yield made
    made.close()


@pytest.fixture
def account():
    return Account()
