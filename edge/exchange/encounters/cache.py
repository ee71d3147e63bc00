"""The book of encounters in a file of the data folder: the ward goes on where the network ends, and no message is lost in a power cut."""

import errno
import os
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from edge.disk.durable import OWNER, replace_file
from edge.disk.layout import DataFolder
from edge.disk.plain_file import read_plain
from edge.exchange.encounters.book import Book
from firmware_bridge.errors import Damaged

LARGEST = 16 << 20
"""Bytes; a visit has some 700."""


class EncountersDamaged(Damaged):
    """The file of the encounters cannot be read."""

    code = "encounters-damaged"


_FORM = TypeAdapter(Book)


def save_book(data_dir: Path, book: Book) -> None:
    """Takes the place of the last one, and survives a power cut.

    Raises:
        OSError: the disk refuses it, or it is too large; the last one is still there.
    """
    content = _FORM.dump_json(book)
    if len(content) > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(DataFolder(data_dir).encounters))
    replace_file(DataFolder(data_dir).encounters, content, OWNER)


def load_book(data_dir: Path) -> Book | None:
    """The last book; None where there was none.

    Raises:
        EncountersDamaged: its file cannot be read.
    """
    path = DataFolder(data_dir).encounters
    try:
        return _FORM.validate_json(read_plain(path, LARGEST))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        fix = "Move it away; then ask again (sonoedge hospital encounters), or have the hospital send its admissions again"
        raise EncountersDamaged(f"{path} cannot be read", fix) from error
