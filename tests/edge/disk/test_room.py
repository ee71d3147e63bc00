"""Room: a disk that is full, mounted read-only or gone takes no recording, and the text of the fault does not change while it lasts."""

import os
from types import SimpleNamespace

import pytest

from edge.disk import room
from edge.disk.room import shortage, takes_writes
from firmware_bridge.recorder import FREE_FLOOR_BYTES

BLOCK = 4096
ENOUGH = FREE_FLOOR_BYTES // BLOCK + 1


def disk(monkeypatch, **facts):
    stated = {"f_flag": 0, "f_bavail": ENOUGH, "f_frsize": BLOCK, "f_files": 100, "f_favail": 50} | facts
    monkeypatch.setattr(room.os, "statvfs", lambda _: SimpleNamespace(**stated))


@pytest.mark.parametrize("facts", [{}, {"f_files": 0, "f_favail": 0}], ids=["room", "a file system that counts no files"])
def test_a_disk_with_room_has_no_shortage(tmp_path, monkeypatch, facts):
    disk(monkeypatch, **facts)
    assert shortage(tmp_path) is None


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"f_bavail": ENOUGH - 2}, "less than 500 MB are free"),
        ({"f_bavail": 0}, "less than 500 MB are free"),
        ({"f_favail": 0}, "no more files"),
        ({"f_flag": os.ST_RDONLY}, "read-only"),
    ],
)
def test_a_disk_that_takes_no_recording_states_why(tmp_path, monkeypatch, facts, what):
    disk(monkeypatch, **facts)
    assert what in shortage(tmp_path).what
    assert str(tmp_path) in shortage(tmp_path).what


def test_a_folder_that_is_gone_is_a_shortage(tmp_path):
    assert "cannot be used" in shortage(tmp_path / "absent").what


def test_a_trial_leaves_nothing_and_fails_where_the_disk_refuses(tmp_path, file_size_limit):
    assert takes_writes(tmp_path, 200_000)
    with file_size_limit(100_000):
        assert not takes_writes(tmp_path, 200_000)
    assert not takes_writes(tmp_path / "absent", 1)
    assert list(tmp_path.iterdir()) == []
