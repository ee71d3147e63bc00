"""Whether a folder lies on an encrypted disk, as the kernel reports it, and the doctor's words for it."""

import os
from pathlib import Path

DEVICES = Path("/sys/dev/block")
ENCRYPTED = "the data are on an encrypted disk"
NOT_ENCRYPTED = "the data are NOT ENCRYPTED: whoever takes the disk can read them"
NEXT_STEP = "Use the image of SonoEdge, or install the system on an encrypted disk (LUKS)"


def encrypted(folder: Path, devices: Path = DEVICES) -> bool:
    """True if dm-crypt is the disk of `folder`, or lies below it, as with LVM. A file system on several disks counts as not encrypted.

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
