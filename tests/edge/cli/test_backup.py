"""`sonoedge backup` as a technician runs it, on a data folder of its own."""

import json
import os
import subprocess
import sys

import pytest

from edge.records.backup.backups import backups_in
from edge.records.notices import Notices
from edge.records.opening import open_records


@pytest.fixture
def sonoedge(tmp_path):
    def run(*arguments):
        environment = {**os.environ, "SONOEDGE_DATA_DIR": str(tmp_path / "data"), "SONOEDGE_SETTINGS": str(tmp_path / "settings.toml")}
        command = [sys.executable, "-m", "edge.cli", "backup", *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    (tmp_path / "settings.toml").write_text("")
    return run


@pytest.fixture
def data(tmp_path):
    store = open_records(tmp_path / "data")
    Notices(store).add("a", "what", "fix")
    store.close()
    return tmp_path / "data"


def test_a_backup_is_made_listed_verified_and_restored(sonoedge, data, tmp_path):
    (tmp_path / "stick").mkdir()
    made = sonoedge("make", tmp_path / "stick")
    assert made.returncode == 0, made.stderr
    (backup,) = backups_in(tmp_path / "stick")
    assert backup.file in made.stdout
    assert "whole" in made.stdout
    (listed,) = json.loads(sonoedge("list", tmp_path / "stick", "--json").stdout)
    assert listed["sha256"] == backup.sha256
    whole = sonoedge("verify", tmp_path / "stick")
    assert (whole.returncode, whole.stdout) == (0, "Everything is whole.\n")
    restored = sonoedge("restore", tmp_path / "stick" / backup.file, "--yes")
    assert restored.returncode == 0, restored.stderr
    assert list((data / "quarantine").glob("*/records.sqlite"))
    store = open_records(data)
    assert [notice.code for notice in Notices(store).unseen()] == ["a", "records-restored"]
    store.close()


def test_damage_is_named_and_ends_with_1(sonoedge, data, tmp_path):
    (tmp_path / "stick").mkdir()
    sonoedge("make", tmp_path / "stick")
    path = tmp_path / "stick" / backups_in(tmp_path / "stick")[0].file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    said = sonoedge("verify", tmp_path / "stick")
    assert said.returncode == 1
    assert str(path) in said.stdout
    refused = sonoedge("restore", path, "--yes")
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    assert "has changed since it was made" in refused.stderr


def test_nothing_is_restored_while_somebody_uses_the_records(sonoedge, data, tmp_path):
    sonoedge("make")
    store = open_records(data)
    try:
        refused = sonoedge("restore", "--yes")
    finally:
        store.close()
    assert refused.returncode == 2
    assert "in use" in refused.stderr
    assert not (data / "quarantine").exists()


def test_without_records_or_backups_it_says_so(sonoedge, tmp_path):
    assert "There are no records" in sonoedge("make").stderr
    assert "No backup." in sonoedge("list").stdout
    refused = sonoedge("restore", "--yes")
    assert (refused.returncode, "There is no backup" in refused.stderr) == (2, True)


def test_what_retention_would_remove_is_only_told_in_a_dry_run(sonoedge, data):
    assert json.loads(sonoedge("free", "--dry-run", "--json").stdout) == {"removed": False, "exams": []}
    assert "Nothing to remove" in sonoedge("free").stdout
