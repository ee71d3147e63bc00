"""A data folder full of patients, and processes that die."""

import os
import signal

import pytest

from edge.disk.keys import make_private_key
from edge.disk.layout import DataFolder
from provisioning.identity.device import make_device
from provisioning.identity.https import make_https
from tests.provisioning.wipe.cut import CANARY, NOW


@pytest.fixture
def killed():
    """Runs `work` in a process of its own; whether it was killed."""

    def run(work):
        child = os.fork()
        if child == 0:
            try:
                work()
            finally:
                os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    return run


@pytest.fixture
def filled(tmp_path):
    """Makes a data folder with keys and files that hold the canary; returns it with its device."""

    def fill(name="data"):
        data = DataFolder(tmp_path / name)
        device = make_device(data.identity)
        make_https(data.identity, device, NOW)
        make_private_key(data.audit_key)
        data.pseudonym_key.write_bytes(b"secret of the pseudonyms")
        for path in (data.records, data.records_log, data.exams / "e1" / "clip.mcap", data.exams / "e1" / "exam.json", data.policy):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(CANARY)
        (data.exams / "empty").mkdir()
        (data.recordings).symlink_to(tmp_path / "elsewhere")
        return data, device

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "other.txt").write_bytes(b"another person's")
    return fill
