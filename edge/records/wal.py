"""Finds bit flips in SQLite's write-ahead log: SQLite silently drops everything after the first wrong checksum, as after a power cut.

A power cut can damage only the last transaction, because each one is synced before the next begins. Where two committed transactions follow
a bad frame, at least the first of them had reached the disk, so the frame was damaged there. The format:
sqlite.org/fileformat2.html#walformat.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

HEADER = struct.Struct(">8I")
FRAME = struct.Struct(">6I")
MAGIC = {0x377F0682: "<", 0x377F0683: ">"}
"""The byte order of the checksums, by the magic number."""


@dataclass(frozen=True, slots=True)
class Log:
    """How many committed transactions come before (`intact`) and after (`lost`) the first frame with a wrong checksum."""

    intact: int = 0
    lost: int = 0

    @property
    def damaged(self) -> bool:
        return self.lost > 1


def read_log(path: Path) -> Log:
    """Checks the log of a database that no program has open; an absent or empty log is whole.

    Raises:
        OSError: it cannot be read.
    """
    content = path.read_bytes() if path.exists() else b""
    if len(content) <= HEADER.size + FRAME.size or not any(content[: HEADER.size]):
        return Log()
    magic, _, page, _, *salts = HEADER.unpack_from(content)[:6]
    order = MAGIC.get(magic, "<")
    stated = HEADER.unpack_from(content)[6:]
    sums = _sums(content[: HEADER.size - 8], (0, 0), order)
    whole = magic in MAGIC and sums == stated
    if not whole:
        page, salts = _page_of(path), list(FRAME.unpack_from(content, HEADER.size)[2:4])
    intact = lost = 0
    for at in range(HEADER.size, len(content) - FRAME.size - page + 1, FRAME.size + page):
        frame = FRAME.unpack_from(content, at)
        if whole:
            data = content[at : at + 8] + content[at + FRAME.size : at + FRAME.size + page]
            sums = _sums(data, sums, order)
            whole = list(frame[2:4]) == salts and frame[4:] == sums
        committed = frame[1] > 0 and list(frame[2:4]) == salts
        intact, lost = intact + (committed and whole), lost + (committed and not whole)
    return Log(intact, lost)


def _sums(data: bytes, sums: tuple[int, ...], order: str) -> tuple[int, ...]:
    first, second = sums
    for even, odd in struct.iter_unpack(order + "2I", data):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def _page_of(log: Path) -> int:
    """Page size of the log's database, in bytes: 1 stands for 65,536."""
    with log.with_name(log.name.removesuffix("-wal")).open("rb") as file:
        size = int.from_bytes(file.read(18)[16:18], "big")
    return {0: 4096, 1: 65536}.get(size, size)
