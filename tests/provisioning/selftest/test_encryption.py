import os

import pytest

from provisioning.selftest.check import State
from provisioning.selftest.checks.encryption import encrypted, encryption


@pytest.fixture
def disk(tmp_path):
    """The kernel's folder for the disk of `tmp_path`."""
    device = tmp_path.stat().st_dev
    made = tmp_path / f"{os.major(device)}:{os.minor(device)}"
    (made / "slaves").mkdir(parents=True)
    return made


def mapped(disk, uuid):
    (disk / "dm").mkdir(parents=True)
    (disk / "dm/uuid").write_text(uuid + "\n")
    (disk / "slaves").mkdir(exist_ok=True)
    return disk


def test_a_plain_disk_is_not_encrypted(disk, tmp_path):
    assert not encrypted(tmp_path, tmp_path)


def test_dm_crypt_is(disk, tmp_path):
    mapped(disk, "CRYPT-LUKS2-0f5e-sonoedge-data")
    assert encrypted(tmp_path, tmp_path)


def test_a_volume_is_encrypted_if_the_disk_below_it_is(disk, tmp_path):
    mapped(disk, "LVM-abc")
    assert not encrypted(tmp_path, tmp_path)
    (disk / "slaves/dm-0").symlink_to(mapped(tmp_path / "dm-0", "CRYPT-LUKS2-0f5e-crypt"))
    assert encrypted(tmp_path, tmp_path)


def test_a_folder_without_a_disk_is_not(tmp_path):
    assert not encrypted(tmp_path, tmp_path / "none")


def test_data_on_a_plain_disk_are_stated_with_the_next_step(board_of):
    board = board_of()
    for uuid in board.root.glob("sys/dev/block/*/dm/uuid"):
        uuid.unlink()
    answer = encryption(board)
    assert answer.state is State.WATCH
    assert "NOT ENCRYPTED" in answer.detail
    assert answer.next_step
