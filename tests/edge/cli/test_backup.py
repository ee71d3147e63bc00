"""`sonoedge backup` as a technician runs it, on a data folder of its own."""

import json
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
    made = command("make", tmp_path / "stick")
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
    command("make", tmp_path / "stick")
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
    assert "There are no records" in command("make").stderr
    assert "No backup." in command("list").stdout
    refused = command("restore", "--yes")
    assert (refused.returncode, "There is no backup" in refused.stderr) == (2, True)


def test_what_retention_would_remove_is_only_told_in_a_dry_run(command, data):
    assert json.loads(command("free", "--dry-run", "--json").stdout) == {"removed": False, "exams": []}
    assert "Nothing to remove" in command("free").stdout
