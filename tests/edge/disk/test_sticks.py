"""The sticks that are mounted now, with real mounts: what is there, how much room it has, and what is no stick."""

import os
import subprocess

import pytest

from edge.disk import mount
from edge.disk import sticks as found_in
from edge.disk.sticks import sticks


@pytest.fixture
def media(tmp_path, monkeypatch):
    """The folder in which sticks are mounted."""
    monkeypatch.setattr(mount, "STICKS", (tmp_path / "media",))
    return tmp_path / "media"


def test_a_stick_is_found_with_its_name_and_its_room(media, tmp_path, other_disk):
    other_disk(media / "GONDAR 1", "size=8m")
    (stick,) = sticks(tmp_path / "data")
    assert (stick.name, stick.folder, stick.writable, stick.size) == ("GONDAR 1", media / "GONDAR 1", True, 8 << 20)
    assert 0 < stick.free <= stick.size
    (media / "GONDAR 1" / "file").write_bytes(bytes(1 << 20))
    assert sticks(tmp_path / "data")[0].free <= stick.free - (1 << 20)


def test_a_mount_point_without_its_stick_and_a_disk_elsewhere_are_none(media, tmp_path, other_disk):
    stick = other_disk(media / "stick")
    other_disk(tmp_path / "elsewhere")
    assert [each.folder for each in sticks(tmp_path / "data")] == [stick]
    subprocess.run(["umount", stick], check=True)
    assert sticks(tmp_path / "data") == ()


def test_the_disk_of_the_records_is_no_stick_although_it_is_mounted_where_sticks_are(media, other_disk):
    data = other_disk(media / "data")
    stick = other_disk(media / "stick")
    assert [each.folder for each in sticks(data / "records")] == [stick]


def test_a_read_only_stick_is_shown_as_such(media, tmp_path, other_disk):
    stick = other_disk(media / "stick")
    subprocess.run(["mount", "-o", "remount,ro", stick], check=True)
    assert [each.writable for each in sticks(tmp_path / "data")] == [False]


def test_the_next_stick_at_the_same_folder_has_another_id(media, tmp_path, other_disk):
    stick = other_disk(media / "stick")
    first = sticks(tmp_path / "data")[0].id
    assert sticks(tmp_path / "data")[0].id == first
    other_disk(stick)
    (second,) = sticks(tmp_path / "data")
    assert second.id != first


def test_a_stick_of_which_only_the_mount_is_left_is_none(media, tmp_path, monkeypatch, other_disk):
    point = other_disk(media / "stick")
    device = "{}:{}".format(*(f(point.stat().st_dev) for f in (os.major, os.minor)))
    (tmp_path / "mounts").write_text(f"1 0 {device} / {point} rw - vfat /dev/a-stick-that-was-pulled rw\n")
    monkeypatch.setattr(found_in, "MOUNTS", tmp_path / "mounts")
    assert sticks(tmp_path / "data") == ()
    (tmp_path / "mounts").write_text(f"1 0 {device} / {point} rw - vfat /dev/null rw\n")
    assert [each.name for each in sticks(tmp_path / "data")] == ["stick"]


def test_the_label_and_what_people_take_away_are_read_from_the_system_and_what_is_taken_away_comes_first(
    media, tmp_path, monkeypatch, other_disk
):
    for name in ("a", "b", "c"):
        other_disk(media / name)
    for folder in ("labels", "devices/sda/sda1", "devices/usb1/1-2/sdb", "block"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "labels" / "ward\\x20\\xe1\\x8b\\x93").symlink_to("/dev/null")
    (tmp_path / "devices/sda/removable").write_text("1\n")
    (tmp_path / "block/8:1").symlink_to(tmp_path / "devices/sda/sda1")
    (tmp_path / "block/8:16").symlink_to(tmp_path / "devices/usb1/1-2/sdb")
    facts = (("9:1", "a", "tmpfs none"), ("8:1", "b", "vfat /dev/null"), ("8:16", "c", "ext4 /dev/zero"))
    lines = (f"1 0 {device} / {media}/{name} rw - {source} rw" for device, name, source in facts)
    (tmp_path / "mounts").write_text("\n".join(lines))
    for name, value in {"MOUNTS": "mounts", "LABELS": "labels", "BLOCK": "block"}.items():
        monkeypatch.setattr(found_in, name, tmp_path / value)
    found = [(each.name, each.removable) for each in sticks(tmp_path / "data")]
    assert found == [("c", True), ("ward ዓ", True), ("a", False)]
