"""Who may use a data folder: never root in the folder of another user, and never through a planted link."""

import os
import re
import signal
import subprocess
import sys
from contextlib import closing

import pytest

from edge.records.errors import ApplianceRuns, RecordsFull, WrongUser
from edge.records.opening import open_records
from edge.records.use import OnlyAppliance, Use


def owned(folder, user, monkeypatch):
    """The folder as if `user` owned it, and this process were root."""
    stat = type(folder).stat

    def changed(path, **how):
        found = stat(path, **how)
        return os.stat_result([*found[:4], user, *found[5:]]) if path == folder else found

    monkeypatch.setattr(type(folder), "stat", changed)
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.mark.parametrize(("user", "name"), [(1, "daemon"), (54321, "#54321")])
def test_root_is_refused_in_the_folder_of_another_user_before_any_file_is_made(tmp_path, monkeypatch, user, name):
    owned(tmp_path, user, monkeypatch)
    with pytest.raises(WrongUser, match=f"belongs to {name}") as refused:
        Use(tmp_path)
    assert f"sudo -u {name} sonoedge" in refused.value.fix
    assert list(tmp_path.iterdir()) == []


def test_root_may_use_its_own_folder_and_one_that_is_not_there_yet(tmp_path, monkeypatch):
    owned(tmp_path, 0, monkeypatch)
    Use(tmp_path).leave()
    Use(tmp_path / "new").leave()


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "records.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecordsFull):
        Use(tmp_path / "data")
    assert not (tmp_path / "elsewhere").exists()


APPLIANCE = "import sys, time; from pathlib import Path; from edge.records.use import OnlyAppliance; "
APPLIANCE += "here = OnlyAppliance(Path(sys.argv[1])); print('runs', flush=True); time.sleep(600)"


@pytest.fixture
def other(tmp_path):
    """Another process that runs an appliance on the folder."""
    with subprocess.Popen([sys.executable, "-c", APPLIANCE, str(tmp_path / "data")], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "runs\n"
        yield process
        process.kill()


def test_a_second_appliance_is_refused_with_the_pid_of_the_first_and_commands_are_not(tmp_path, other):
    with pytest.raises(ApplianceRuns, match=rf"pid {other.pid}\b") as refused:
        OnlyAppliance(tmp_path / "data")
    assert f"kill {other.pid}" in refused.value.fix
    assert refused.value.exit_status == 2
    with closing(open_records(tmp_path / "data")) as store, store.write() as change:
        change.log("tester", "x.done", "x")


def test_neither_a_removed_lock_nor_a_link_to_the_folder_admits_a_second_one(tmp_path, other):
    for path in (tmp_path / "data").iterdir():
        path.unlink()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    for folder in ("data", "link"):
        with pytest.raises(ApplianceRuns):
            OnlyAppliance(tmp_path / folder)


def test_the_folder_is_free_as_soon_as_the_appliance_ends_in_any_way(tmp_path, other):
    other.send_signal(signal.SIGKILL)
    other.wait()
    first = OnlyAppliance(tmp_path / "data")
    with pytest.raises(ApplianceRuns, match=rf"pid {os.getpid()}\b"):
        OnlyAppliance(tmp_path / "data")
    first.leave()
    OnlyAppliance(tmp_path / "data").leave()


def test_without_a_table_of_locks_the_refusal_still_states_a_next_step(tmp_path, other, monkeypatch):
    monkeypatch.setattr("edge.records.use.LOCKS", tmp_path / "absent")
    with pytest.raises(ApplianceRuns) as refused:
        OnlyAppliance(tmp_path / "data")
    assert not re.search(r"pid", refused.value.what)
    assert "SONOEDGE_DATA_DIR" in refused.value.fix
