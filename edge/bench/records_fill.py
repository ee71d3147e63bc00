"""Fills a data folder with as many findings, and as long an audit trail, as an appliance has after many years, in a minute."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

from edge.disk.layout import DataFolder
from edge.records.audit.entry import BEGINNING, Entry, Value, digest
from edge.records.audit.seal import Seal
from edge.records.columns import EPOCH
from edge.records.store import Store, sealed

CLIPS, FINDINGS = 6, 18
"""Of an exam: six zones, with three findings each."""
AT_ONCE = 20_000
BEGUN = datetime(2016, 1, 1, tzinfo=timezone.utc)
EVERY = timedelta(seconds=20)
"""Between two findings, so that a million of them are seven months of a clinic without a night."""

Row = dict[str, object]
Progress = Callable[[int], None]


def fill(folder: Path, findings: int, entries: int, progress: Progress) -> None:
    """Makes the records of a data folder; `progress` receives every row that was written."""
    Store.open(folder).close()
    with closing(sqlite3.connect(DataFolder(folder).records, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=OFF")
        database.execute("PRAGMA synchronous=OFF")
        exams = -(-findings // FINDINGS)
        _insert(database, "exam", map(_exam, range(exams)), progress)
        _insert(database, "clip", map(_clip, range(exams * CLIPS)), progress)
        _insert(database, "finding", map(_finding, range(findings)), progress)
        _insert(database, "audit", _entries(entries), progress)
        _sign(database, Seal.of(folder), entries)


def rows(findings: int, entries: int) -> int:
    """How many rows `fill` writes."""
    exams = -(-findings // FINDINGS)
    return exams + exams * CLIPS + findings + entries


def exam_id(number: int) -> str:
    """Of the exam that was begun as the `number`th."""
    return _id(1, number)


def _insert(database: sqlite3.Connection, table: str, made: Iterator[Row], progress: Progress) -> None:
    first = next(made)
    statement = f"INSERT INTO {table} ({', '.join(first)}) VALUES ({', '.join('?' * len(first))})"  # noqa: S608 - names of our own
    database.execute(statement, tuple(first.values()))
    while piece := [tuple(row.values()) for row in islice(made, AT_ONCE)]:
        database.execute("BEGIN")
        database.executemany(statement, piece)
        database.execute("COMMIT")
        progress(len(piece))


def _id(kind: int, number: int) -> str:
    return f"00{number:06x}-{kind:04x}-7000-8000-{number:012x}"


def _at(finding: int) -> int:
    return (BEGUN + finding * EVERY - EPOCH) // timedelta(microseconds=1)


def _exam(number: int) -> Row:
    return {
        "id": _id(1, number),
        "study_uid": f"2.25.{number}",
        "folder": f"e{number}",
        "protocol": "blue-6",
        "protocol_version": "1",
        "protocol_digest": "0" * 64,
        "state": "final" if number % 20 else "preliminary",
        "zones": json.dumps({f"z{zone}": {"state": "done"} for zone in range(CLIPS)}),
        "context": "{}",
        "emergency": 0,
        "simulated": 1,
        "qualified": 1,
        "operator": f"operator {number % 7}",
        "over_read": "[]",
        "begun_at": _at(number * FINDINGS),
        "ended_at": _at(number * FINDINGS + FINDINGS),
        "version": 9,
    }


def _clip(number: int) -> Row:
    return {
        "id": _id(2, number),
        "exam_id": _id(1, number // CLIPS),
        "zone": f"z{number % CLIPS}",
        "file": f"z{number % CLIPS}.mcap",
        "sha256": f"{number:064x}",
        "bytes": 20_000_000,
        "file_state": "whole",
        "first": 1,
        "last": 180,
        "by": "itself",
        "overridden": "[]",
        "quality": 80.0 + number % 20,
        "kept_at": _at(number * FINDINGS // CLIPS),
    }


def _finding(number: int) -> Row:
    return {
        "id": _id(3, number),
        "exam_id": _id(1, number // FINDINGS),
        "clip_id": _id(2, number // (FINDINGS // CLIPS)),
        "zone": f"z{number % FINDINGS * CLIPS // FINDINGS}",
        "key": ("b_lines", "a_lines", "severity_2_plus")[number % 3],
        "release": "lung-m-1.0.0",
        "probability": number % 1000 / 1000,
        "logit": number % 1000 / 200 - 2.5,
        "prediction": '["present"]',
        "verdict": "present" if number % 2 else "absent",
        "reason": "",
        "code": "",
        "novelty": 0.5,
        "said_at": _at(number),
        "decision": "open" if number % 50 == 0 else "accepted",
        "version": 1,
    }


def _entries(count: int) -> Iterator[Row]:
    """A chain of them, each as the store would write it."""
    previous = BEGINNING
    for number in range(count):
        detail: dict[str, Value] = {
            "exam": _id(1, number // FINDINGS),
            "zone": f"z{number % CLIPS}",
            "probability": (number % 999 + 1) / 1000,
        }
        entry = Entry(number + 1, BEGUN + number * EVERY, "operator 1", "finding.decided", f"finding/{_id(3, number)}", previous, detail)
        body = json.dumps(entry.as_record(), separators=(",", ":"), sort_keys=True)
        previous = digest(body)
        yield {"seq": number + 1, "body": body, "hash": previous}


def _sign(database: sqlite3.Connection, seal: Seal, seq: int) -> None:
    ((hash_,),) = database.execute("SELECT hash FROM audit WHERE seq = ?", (seq,))
    tip = (1, seq, hash_, _at(seq - 1), seal.sign(sealed(seq, hash_)))
    database.execute("INSERT INTO audit_tip (id, seq, hash, at, signature) VALUES (?, ?, ?, ?, ?)", tip)
