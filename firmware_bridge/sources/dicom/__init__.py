"""Ultrasound DICOM: single images and cines with 8 bits a sample, read one frame at a time.

An object describes its pixels twice: in its attributes and, if they are compressed, in each codestream. The codestream is what
the decoder obeys, so it decides wherever the two differ.
"""

from pathlib import Path

MAGIC_OFFSET, MAGIC = 128, b"DICM"


def is_dicom(path: Path) -> bool:
    """True for a file with DICOM's magic number, under any name."""
    with path.open("rb") as file:
        return file.read(MAGIC_OFFSET + len(MAGIC)).endswith(MAGIC)
