"""Files that other systems add to a folder of recordings, under names and magic numbers of recordings, and that are none."""

import re
from pathlib import Path

from firmware_bridge.sources.dicom import is_dicom

APPLE_DOUBLE = b"\x00\x05\x16\x07"
"""The magic number of RFC 1740, appendix A: a Mac writes such a file for each file on a stick, with what its own disks store apart."""
COMPANION = "._"
OF_SYSTEMS = re.compile(r"\.Trashes|\.Trash(-\d+)?|\$RECYCLE\.BIN|RECYCLER|@eaDir|\.thumbnails|\.sh_thumbnails", re.IGNORECASE)
"""Folders on a stick where systems store what a person deleted, and small copies of pictures for their file browsers."""
DICOMDIR = "1.2.840.10008.1.3.10"
"""PS3.4 Media Storage Directory: the list of the objects on a disc or stick."""


def is_companion(path: Path) -> bool:
    """True for a Mac's companion of another file: by its magic number, or by its name where that other file is there."""
    if path.name.startswith(COMPANION) and path.with_name(path.name.removeprefix(COMPANION)).is_file():
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(APPLE_DOUBLE)) == APPLE_DOUBLE
    except OSError:  # the function that opens the file states the error
        return False


def is_discarded(inside: Path) -> bool:
    """True for a path, inside a folder that a person named, that leads through a folder of deleted files or of thumbnails."""
    return any(OF_SYSTEMS.fullmatch(part) for part in inside.parts[:-1])


def is_disc_index(path: Path) -> bool:
    """True for a DICOMDIR, under any name."""
    try:
        return is_dicom(path) and _class_of(path) == DICOMDIR
    except Exception:  # a damaged object raises any error; the function that opens it states it
        return False


def _class_of(path: Path) -> str:
    from pydicom.filereader import read_file_meta_info  # noqa: PLC0415 - loaded only for DICOM

    return str(read_file_meta_info(path).get("MediaStorageSOPClassUID"))
