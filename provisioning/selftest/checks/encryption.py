"""Whether the data lie on an encrypted disk, as the kernel reports it."""

import os
from pathlib import Path

from provisioning.selftest.board import Board
from provisioning.selftest.check import Answer, State, judged

DEVICES = Path("sys/dev/block")
ENCRYPTED = "the data are on an encrypted disk"
NOT_ENCRYPTED = "the data are NOT ENCRYPTED: a person who takes the disk can read them"
NEXT_STEP = "Use the image of SonoEdge, or install the system on an encrypted disk (LUKS)"


def encryption(board: Board) -> Answer:
    if encrypted(board.data, board.root / DEVICES):
        return judged(ENCRYPTED)
    return Answer(State.WATCH, NOT_ENCRYPTED, (), NEXT_STEP)


def encrypted(folder: Path, devices: Path) -> bool:
    """True if, by the kernel's folder `devices`, dm-crypt is the disk of `folder` or lies below it, as with LVM.

    A file system on several disks counts as not encrypted.

    Raises:
        OSError: the folder cannot be read.
    """
    device = folder.stat().st_dev
    return _is_crypt(devices / f"{os.major(device)}:{os.minor(device)}")


def _is_crypt(device: Path) -> bool:
    try:
        if (device / "dm/uuid").read_text().startswith("CRYPT-"):
            return True
        below = list((device / "slaves").iterdir())
    except FileNotFoundError:  # no disk of device-mapper
        return False
    return any(_is_crypt(each) for each in below)
