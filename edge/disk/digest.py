"""The content of a file as one number: it identifies a copy and shows damage."""

import hashlib
from pathlib import Path

from edge.disk.plain_file import open_plain

PIECE = 1 << 20
"""Bytes of each read: a recording is larger than a board's memory."""


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    with open_plain(path, links=True) as file:
        digest = hashlib.sha256()
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
