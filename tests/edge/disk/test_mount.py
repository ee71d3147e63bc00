"""A folder for another disk is on another file system than the data and the system, with real mounts."""

import os
import subprocess
from pathlib import Path

import pytest

from edge.disk import mount
from edge.disk.mount import device_of, mount_of, no_other_disk, shared_disk


@pytest.fixture
def named(tmp_path, monkeypatch):
    """The folders in which disks belong: one for sticks in general, and one in the system's table."""
    (tmp_path / "fstab").write_text(f"# <device> <point>\nUUID=1 / ext4 defaults 0 1\nUUID=2 {tmp_path}/my\\040disk ext4 noauto 0 0\n\nx\n")
    monkeypatch.setattr(mount, "FSTAB", tmp_path / "fstab")
    monkeypatch.setattr(mount, "STICKS", (tmp_path / "media",))
    return tmp_path


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_on_the_disk_of_the_records_is_no_other_disk_whether_it_exists_or_not(named, made):
    (named / "here").mkdir(exist_ok=True)
    folder = named / "here" / "a" / "b"
    if made:
        folder.mkdir(parents=True)
    assert no_other_disk(folder, named / "data") == "it is on the same disk as the records"


def test_a_mounted_disk_is_another_one_and_its_mount_point_is_not_once_it_is_pulled(named, other_disk):
    stick = other_disk(named / "stick")
    assert no_other_disk(stick / "backups", named / "data") == ""
    assert mount_of(stick / "a" / "b") == stick
    subprocess.run(["umount", stick], check=True)
    assert "same disk" in no_other_disk(stick, named / "data")


def test_with_the_records_on_a_disk_of_their_own_a_folder_on_the_system_is_refused_too(named, other_disk):
    data = other_disk(named / "data")
    found = shared_disk(Path("/etc/stick"), data)
    assert found == "it is on the disk of the system"


def test_a_mount_of_the_disk_of_the_records_in_another_place_is_no_other_disk(named, other_disk):
    """A bind mount is a mount point, but leads to the same disk."""
    stick = other_disk(named / "stick")
    subprocess.run(["umount", stick], check=True)
    (named / "data").mkdir()
    subprocess.run(["mount", "--bind", named / "data", stick], check=True)
    try:
        assert "same disk" in no_other_disk(stick, named / "data")
    finally:
        subprocess.run(["umount", stick], check=True)


@pytest.mark.parametrize("folder", ["media/stick", "media/user/stick/backups", "my disk", "my disk/backups"])
def test_where_a_disk_belongs_and_none_is_mounted_is_stated(named, monkeypatch, folder):
    monkeypatch.setattr(mount, "shared_disk", lambda *_: "")
    assert "no disk is mounted" in no_other_disk(named / folder, named / "data")
    monkeypatch.setattr(os.path, "ismount", lambda path: str(path) == "/" or path == named / folder)
    assert no_other_disk(named / folder, named / "data") == ""


def test_where_the_folder_of_sticks_is_in_memory_what_a_pulled_stick_leaves_is_no_disk(named, other_disk):
    media = other_disk(named / "media")
    assert "no disk is mounted" in no_other_disk(media / "stick" / "backups", named / "data")
    stick = other_disk(media / "stick")
    assert no_other_disk(stick / "backups", named / "data") == ""
    subprocess.run(["umount", stick], check=True)
    assert "no disk is mounted" in no_other_disk(stick, named / "data")


def test_a_link_is_as_the_place_to_which_it_leads(named, other_disk):
    stick = other_disk(named / "stick")
    (named / "link").symlink_to(stick)
    assert no_other_disk(named / "link", named / "data") == ""
    (named / "out").symlink_to(named / "media" / "stick")
    assert "no disk is mounted" in no_other_disk(named / "out", named / "data")


def test_the_device_of_a_folder_that_is_not_made_yet_is_that_of_its_parents(tmp_path):
    assert device_of(tmp_path / "a" / "b" / "c") == tmp_path.stat().st_dev
