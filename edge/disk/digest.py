"""The content of a file as one number: it identifies a copy and shows damage."""

import hashlib
from pathlib import Path

PIECE = 1 << 20
"""Bytes of each read: a recording is larger than a board's memory."""


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
