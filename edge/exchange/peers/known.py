"""The hospital as its file stated it when it was last usable, kept for a start with a file that a person wrote wrongly."""

from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from edge.disk.durable import OWNER, replace_file
from edge.disk.layout import DataFolder
from edge.disk.plain_file import read_plain
from edge.disk.structured import LARGEST
from edge.exchange.peers.hospital import Hospital


def remember_hospital(data_dir: Path, hospital: Hospital) -> None:
    """Keeps it in the place of the last one; a disk that refuses it keeps that."""
    with suppress(OSError):
        replace_file(DataFolder(data_dir).known_hospital, hospital.model_dump_json(indent=1).encode(), OWNER)


def known_hospital(data_dir: Path) -> Hospital:
    """That of the last time; without any peer where none was kept, or what was kept cannot be read."""
    try:
        return Hospital.model_validate_json(read_plain(DataFolder(data_dir).known_hospital, LARGEST))
    except (OSError, ValidationError):
        return Hospital()
