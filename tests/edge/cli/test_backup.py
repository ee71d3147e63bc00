"""`sonoedge backup` as a technician runs it, on a data folder of its own."""

import json
import subprocess
from functools import partial

import pytest

from edge.records.backup.description import backups_in
from edge.records.notices import Notices
from edge.records.opening import open_records


@pytest.fixture
def command(sonoedge, tmp_path, monkeypatch):
    """Runs `sonoedge backup` with settings and data of its own."""
    (tmp_path / "settings.toml").write_text("")
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SONOEDGE_SETTINGS", str(tmp_path / "settings.toml"))
    return partial(sonoedge, "backup")


@pytest.fixture
def data(tmp_path):
    store = open_records(tmp_path / "data")
    Notices(store).add("a", "what", "fix")
    store.close()
    return tmp_path / "data"


def test_a_backup_is_made_listed_verified_and_restored(command, data, tmp_path):
    (tmp_path / "stick").mkdir()
    made = command("make", tmp_path / "stick", "--same-disk")
    assert made.returncode == 0, made.stderr
    (backup,) = backups_in(tmp_path / "stick")
    assert backup.file in made.stdout
    assert "whole" in made.stdout
    (listed,) = json.loads(command("list", tmp_path / "stick", "--json").stdout)
    assert listed["sha256"] == backup.sha256
    whole = command("verify", tmp_path / "stick")
    assert (whole.returncode, whole.stdout) == (0, "Everything is whole.\n")
    restored = command("restore", tmp_path / "stick" / backup.file, "--yes")
    assert restored.returncode == 0, restored.stderr
    assert list((data / "quarantine").glob("*/records.sqlite"))
    store = open_records(data)
    assert [notice.code for notice in Notices(store).unseen()] == ["a", "records-restored"]
    store.close()


def test_damage_is_named_and_ends_with_1(command, data, tmp_path):
    (tmp_path / "stick").mkdir()
    command("make", tmp_path / "stick", "--same-disk")
    path = tmp_path / "stick" / backups_in(tmp_path / "stick")[0].file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    checked = command("verify", tmp_path / "stick")
    assert checked.returncode == 1
    assert str(path) in checked.stdout
    refused = command("restore", path, "--yes")
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    assert "has changed since it was made" in refused.stderr


def test_nothing_is_restored_while_somebody_uses_the_records(command, data, tmp_path):
    command("make")
    store = open_records(data)
    try:
        refused = command("restore", "--yes")
    finally:
        store.close()
    assert refused.returncode == 2
    assert "in use" in refused.stderr
    assert not (data / "quarantine").exists()


def test_without_records_or_backups_it_says_so(command, tmp_path):
    assert "Nothing is recorded yet" in command("make").stderr
    assert "No backup." in command("list").stdout
    refused = command("restore", "--yes")
    assert (refused.returncode, "There is no backup" in refused.stderr) == (2, True)


def test_what_retention_would_remove_is_only_reported_in_a_dry_run(command, data):
    assert json.loads(command("free", "--dry-run", "--json").stdout) == {"removed": False, "exams": []}
    assert "Nothing to remove" in command("free").stdout


@pytest.mark.parametrize("there", [False, True])
def test_a_check_that_checked_nothing_fails_and_names_the_next_step(command, data, tmp_path, there):
    if there:
        (tmp_path / "stick").mkdir()
    checked = command("verify", tmp_path / "stick")
    assert checked.returncode == 1
    assert "Everything is whole" not in checked.stdout
    assert f"{tmp_path / 'stick'}" in checked.stdout
    assert "sonoedge backup make" in checked.stdout


def test_without_records_and_backups_nothing_is_whole(command):
    checked = command("verify")
    assert (checked.returncode, "There is no backup" in checked.stdout or "is not there" in checked.stdout) == (1, True)


@pytest.mark.parametrize("end", [".json", ".sqlite"])
def test_half_a_backup_is_a_fault(command, data, tmp_path, end):
    (tmp_path / "stick").mkdir()
    command("make", tmp_path / "stick", "--same-disk")
    command("make", tmp_path / "stick", "--same-disk")
    path = (tmp_path / "stick" / backups_in(tmp_path / "stick")[0].file).with_suffix(end)
    path.unlink()
    checked = command("verify", tmp_path / "stick")
    assert (checked.returncode, "cannot be checked" in checked.stdout) == (1, True)


def unsigned(folder):
    path = folder / backups_in(folder)[0].file
    described = path.with_suffix(".json")
    content = json.loads(described.read_text())
    del content["signature"]
    described.write_text(json.dumps(content))
    return path


def test_an_unsigned_backup_on_a_stick_is_a_fault_and_is_restored_only_by_name_with_a_warning(command, data, tmp_path):
    (tmp_path / "stick").mkdir()
    command("make", tmp_path / "stick", "--same-disk")
    path = unsigned(tmp_path / "stick")
    checked = command("verify", tmp_path / "stick")
    assert (checked.returncode, f"{path} is not signed by this appliance" in checked.stdout) == (1, True)
    restored = command("restore", path, "--yes")
    assert (restored.returncode, "did not sign" in restored.stderr) == (0, True)


def test_an_unsigned_backup_in_the_data_folder_is_whole_but_never_chosen(command, data):
    """An older release made it."""
    command("make")
    path = unsigned(data / "backups")
    checked = command("verify")
    assert (checked.returncode, checked.stdout) == (0, "Everything is whole.\n")
    assert f"{path} is not signed by this appliance" in checked.stderr
    refused = command("restore", "--yes")
    assert (refused.returncode, "no backup that this appliance signed" in refused.stderr) == (2, True)


def test_a_stick_gets_a_backup_and_its_mount_point_on_this_disk_gets_none(command, data, other_disk):
    stick = other_disk()
    assert command("make", stick).returncode == 0
    assert len(backups_in(stick)) == 1
    subprocess.run(["umount", stick], check=True)
    refused = command("make", stick)
    assert (refused.returncode, "is not there" in refused.stderr) == (2, True)
    assert list(stick.iterdir()) == []


def test_a_folder_whose_backups_are_gone_gets_a_new_one_only_on_request(command, data, tmp_path):
    (tmp_path / "stick").mkdir()
    refused = command("make", tmp_path / "stick")
    assert (refused.returncode, "same disk as the records" in refused.stderr) == (2, True)
    assert list((tmp_path / "stick").iterdir()) == []
    assert command("make", tmp_path / "stick", "--same-disk").returncode == 0
    assert command("make", tmp_path / "stick").returncode == 0
    (tmp_path / "stick").rename(tmp_path / "pulled")
    (tmp_path / "stick").mkdir()
    refused = command("make", tmp_path / "stick")
    assert (refused.returncode, "--same-disk" in refused.stderr) == (2, True)
    assert list((tmp_path / "stick").iterdir()) == []
    assert command("make", tmp_path / "stick", "--same-disk").returncode == 0
    assert command("make", tmp_path / "stick").returncode == 0
