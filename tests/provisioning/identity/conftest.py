"""Work that dies before one of its file operations, and devices."""

import os
import signal
from datetime import datetime, timezone

import pytest

from provisioning.identity.device import make_device

OPERATIONS = ("open", "mkdir", "ftruncate", "fsync", "replace", "rename", "unlink")


def _die_before(number, work):
    done = 0

    def counted(real):
        def operation(*args, **kwargs):
            nonlocal done
            done += 1
            if done == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return operation

    for name in OPERATIONS:
        setattr(os, name, counted(getattr(os, name)))
    work()


@pytest.fixture
def killed_before():
    """Runs `work` in a process that is killed before its file operation of this number; False if it had fewer."""

    def run(number, work):
        child = os.fork()
        if child == 0:
            try:
                _die_before(number, work)
            finally:
                os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    return run


@pytest.fixture(scope="session")
def device(tmp_path_factory):
    return make_device(tmp_path_factory.mktemp("device") / "identity")


@pytest.fixture(scope="session")
def now():
    return datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
