"""Verifies an export of an audit trail on its own, on any machine: the same walk, with the key and the signed head in the file."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from edge.disk.plain_file import open_plain
from edge.records.audit.chain import Fault, Row, Tip, Verdict, Wrong, verify
from edge.records.audit.entry import digest_of_body
from edge.records.audit.export import FORMAT
from edge.records.audit.heads import Head
from edge.records.audit.seal import fingerprint
from edge.records.errors import ExportUnusable

LONGEST_LINE = 10_000_000
HEAD_WITHIN = 4096
"""The line of the head begins within this many bytes from the end."""


@dataclass(frozen=True, slots=True)
class ExportVerdict:
    """`fingerprint` is that of the key in the export. Only a person who knows the appliance can tell whether the key is its own."""

    verdict: Verdict
    after: int
    head: Head | None
    fingerprint: str


def verify_export(path: Path, progress: Callable[[int], None] = lambda _: None) -> ExportVerdict:
    """Verifies an export on its own; `progress` receives how many entries are done.

    Raises:
        ExportUnusable: it cannot be read, or is not an export.
    """
    try:
        with open_plain(path, links=True) as file:
            begin = _begin(file, path)
            entries_from = file.tell()
            head, until = _head(file, entries_from)
            tip = Tip(head.seq, head.hash, None, head.signed_by(begin.public)) if head else None
            lines = _bodies(file, entries_from, until)
            verdict = verify(_rows(lines, begin.after), tip, after=(begin.after, begin.previous), progress=progress)
    except OSError as error:
        raise ExportUnusable(f"{path} cannot be read ({error.strerror})", "Check the path, and that this user may read it") from error
    if head is None and (verdict.fault is None or verdict.fault.wrong is Wrong.TIP):
        last = begin.after + verdict.entries
        verdict = Verdict(verdict.entries, Fault(last + 1, Wrong.CUT_SHORT, f"the export ends after entry {last}, without its signed head"))
    return ExportVerdict(verdict, begin.after, head, fingerprint(begin.public))


@dataclass(frozen=True, slots=True)
class _Begin:
    public: str
    after: int
    previous: str


def _begin(file: IO[bytes], path: Path) -> _Begin:
    first = _object(file.readline(LONGEST_LINE))
    public, after, previous = first.get("public_key"), first.get("after"), first.get("previous")
    if first.get("format") == FORMAT and isinstance(public, str) and isinstance(previous, str) and type(after) is int:
        return _Begin(public, after, previous)
    raise ExportUnusable(f"{path} is not an export of an audit trail", "Make one with sonoedge audit export")


def _head(file: IO[bytes], after: int) -> tuple[Head | None, int]:
    """The signed head, and where the entries end; where the file was cut, None and the end of the last whole line."""
    size = file.seek(0, os.SEEK_END)
    begin = max(after, size - HEAD_WITHIN)
    file.seek(begin)
    *_, torn = (tail := file.read()).split(b"\n")
    end = size - len(torn)
    line = begin + tail.rfind(b"\n", 0, len(tail) - len(torn) - 1) + 1
    file.seek(line)
    try:
        return (Head.of(_object(file.read(end - line)).get("head")), line) if not torn else (None, end)
    except ValueError:
        return None, end


def _bodies(file: IO[bytes], begin: int, end: int) -> Iterator[bytes]:
    file.seek(begin)
    while file.tell() < end:
        yield file.readline(LONGEST_LINE).rstrip(b"\n")


def _rows(bodies: Iterable[bytes], after: int) -> Iterator[Row]:
    """Each with the number of its line, and the digest of its body."""
    for number, body in enumerate(bodies, after + 1):
        yield Row(number, body, digest_of_body(body).encode())


def _object(line: bytes) -> dict[str, object]:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
