"""A full, failing or read-only disk at every kind of write: the error is clear, nothing is lost, work continues with free space."""

import errno
import fcntl
import json
import os
import struct
import subprocess
import time
import urllib.error
import urllib.request
from functools import partial

import pytest

from edge.appliance import Appliance
from edge.disk.durable import replace_file
from edge.exam.exam_file import make_folder, write_sidecar
from edge.records.backup.backups import make_backup
from edge.records.backup.description import backups_in
from edge.records.exams.clips import NewClip
from edge.records.exams.context import PatientContext
from edge.records.exams.exams import Exams
from edge.records.exams.facts import NewExam
from edge.records.exams.finding import NewFinding
from edge.records.exams.findings import Findings
from edge.records.exams.forms import Step
from edge.records.exams.reconcile import reconcile
from edge.records.integrity import faults
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.records.people.sessions import Sessions
from edge.settings import Settings
from firmware_bridge.errors import SonoEdgeError

pytestmark = pytest.mark.powercut

DISK_MB = 24
SHUTDOWN, WITHOUT_LOG_FLUSH = 0x8004587D, 2
"""EXT4_IOC_SHUTDOWN of the kernel's fs/ext4/ext4.h."""
STATES = {"record_version": 2, "selected": None, "zones": {}}
FINDING = NewFinding("b-lines", "lung-s-0.1", 0.2, -1.4, ("absent",), "absent", "", "", 0.1)
CODES = {"records-not-written", "records-unusable", "exam-not-kept", "backup-not-made"}


class Site:
    """A small disk with the records of one exam on it, and every kind of write by name."""

    def __init__(self, place):
        self.place, self.folder = place, place / "data"
        self.store = open_records(self.folder)
        self.exam = self.begin()
        for zone in ("upper-right", "upper-left"):  # files of the recorder, which has its own tests for a full disk
            replace_file(self.folder / "exams" / self.exam.folder / f"{zone}.mcap", b"x")
        self.keep("upper-right")

    @property
    def exams(self):
        return Exams(self.store, partial(write_sidecar, self.folder / "exams"))

    def begin(self):
        place = make_folder(self.folder / "exams", "blue-6")
        text = {"protocol": "blue-6", "protocol_version": "1", "protocol_digest": "0" * 64, "operator": "nobody", "folder": place.name}
        context = PatientContext.model_validate({"newer": "x" * 20_000})
        return self.exams.begin("nobody", NewExam(context=context, simulated=True, qualified=False, **text), STATES)

    def keep(self, zone="upper-left"):
        clip = NewClip(zone, f"{zone}.mcap", "0" * 64, 1, 1, 9, "itself", (), 80.0)
        return self.exams.keep("nobody", self.exam.id, Step("zone.kept", {"zone": zone}, STATES), clip, (FINDING,) * 40, simulated=True)

    def decide(self):
        finding = self.exams.findings(self.exam.id)[0]
        return Findings(self.store).decide("nobody", finding.id, "rejected", None, finding.version, while_in=("draft",))

    def sign_in(self):
        return Sessions(self.store).break_glass(os.urandom(8).hex(), "a reason " * 2000, "127.0.0.1", lambda _: False)

    def notice(self):
        return Notices(self.store).add("a", "what " * 5000, "fix")

    def back_up(self):
        return make_backup(self.store, self.folder / "backups")

    def end(self):
        return self.exams.end("nobody", self.exam.id)

    writes = ("begin", "keep", "decide", "sign_in", "notice", "back_up", "end")

    def rows(self):
        exams = self.exams.newest()
        return exams, [self.exams.findings(exam.id) for exam in exams], [self.exams.clips(exam.id) for exam in exams]

    def fill(self):
        ballast, size = self.place / "ballast", 1 << 20
        with ballast.open("wb", buffering=0) as file:
            while size:
                try:
                    file.write(b"x" * size)
                    os.fsync(file.fileno())
                except OSError:
                    size //= 2

    def free(self):
        (self.place / "ballast").unlink()


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


def shut_down(place):
    """From now on the disk returns input/output errors, like a disk that was removed (ext4's own test ioctl)."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", WITHOUT_LOG_FLUSH))
    except OSError as error:
        if error.errno == errno.ENOSYS:  # no kernel answers an ioctl so
            pytest.skip("an emulator of user programs does not pass this ioctl on")
        raise
    finally:
        os.close(descriptor)


@pytest.fixture
def disk(ext4):
    return ext4(DISK_MB, "-J", "size=1")


@pytest.fixture
def site(disk):
    made = Site(disk)
    yield made
    made.store.close()


def refused(site, write):
    """Whether the disk refused the write; any other error is raised."""
    try:
        getattr(site, write)()
    except SonoEdgeError as error:
        if error.code not in CODES or not error.fix:
            raise
        return True
    return False


@pytest.mark.parametrize("write", Site.writes)
def test_a_full_disk_refuses_a_write_clearly_loses_nothing_and_continues_with_free_space(site, write):
    site.fill()
    before, refusals = site.rows(), 0
    for _ in range(30):  # the log still has some free space
        refusals += refused(site, write)
        if refusals:
            break
        before = site.rows()
        if write in ("decide", "end", "notice"):
            break
    assert site.rows() == before
    if write not in ("decide", "end", "notice"):
        assert refusals
    site.free()
    assert faults(site.store.path, site.store.seal.public, whole=True) == ()
    assert refused(site, write) is False or not refusals
    reopened = open_records(site.folder)
    assert reconcile(reopened, site.folder).absent == 0
    reopened.close()


def test_the_records_open_again_after_a_full_disk(site):
    site.fill()
    while not refused(site, "begin"):
        pass
    before = site.rows()
    site.store.close()
    site.free()
    site.store = open_records(site.folder)
    assert site.rows() == before
    assert reconcile(site.store, site.folder).absent == 0
    assert faults(site.store.path, site.store.seal.public, whole=True) == ()


@pytest.mark.parametrize("write", Site.writes)
def test_a_failing_disk_refuses_every_write_and_stored_records_are_there_when_it_is_back(site, disk, write):
    before = site.rows()
    shut_down(disk)
    assert refused(site, write)
    site.store.close()
    image = disk.with_name("disk.img")
    run("umount", str(disk))
    run("mount", "-o", "loop", str(image), str(disk))
    site.store = open_records(site.folder)
    assert site.rows() == before
    assert not refused(site, write)
    assert faults(site.store.path, site.store.seal.public, whole=True) == ()


def test_records_on_a_read_only_disk_are_not_opened_and_not_reported_as_damaged(site):
    site.store.close()
    run("mount", "-o", "remount,ro", str(site.place))
    try:
        with pytest.raises(SonoEdgeError, match="cannot be"):
            open_records(site.folder)
    finally:
        run("mount", "-o", "remount,rw", str(site.place))
    site.store = open_records(site.folder)
    assert Notices(site.store).unseen() == ()
    assert backups_in(site.folder / "backups") == ()


def post(url, path, body):
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_an_appliance_on_a_full_disk_reports_it_and_continues_to_read_frames(disk):
    settings = Settings(source="virtual://chest?size=128&rendered=4&fps=20", port=0, data_dir=disk / "data", threads=1)
    with Appliance(settings) as appliance:
        site = Site.__new__(Site)
        site.place = disk
        site.fill()
        while (answer := post(appliance.url, "api/v1/exams", {"protocol": "blue-6"}))[0] < 400:
            post(appliance.url, f"api/v1/exams/{answer[1]['id']}/end", {})
        status, problem = answer
        before = appliance.counts.read
        end = time.monotonic() + 60
        while appliance.counts.read < before + 10:
            assert time.monotonic() < end, "no frames were read"
            time.sleep(0.05)
        site.free()
        assert post(appliance.url, "api/v1/exams", {"protocol": "blue-6"})[0] < 400
    assert (status, problem["type"].rpartition(":")[2]) in {(507, "records-not-written"), (507, "exam-not-kept")}
    assert "Free some room" in problem["fix"]
