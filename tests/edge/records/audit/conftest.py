"""A log of two hundred entries, made once for the tests of this folder."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from edge.disk.layout import DataFolder
from edge.records.audit.heads import Heads
from edge.records.store import Store

sys.path.insert(0, str(Path(__file__).parent))  # the tests of this folder share a module

from audit_log import HEADS, SNAPSHOTS, fill


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """A log whose table has lost its rules, as a person who edits the file would arrange."""
    folder = tmp_path_factory.mktemp("base")
    store = Store.open(folder)
    reached = 0
    for stop in sorted({*HEADS, *SNAPSHOTS}):
        fill(store, reached, stop)
        reached = stop
        if stop in HEADS:
            Heads(folder).append(store)
        if stop in SNAPSHOTS:
            with closing(sqlite3.connect(DataFolder(folder).records)) as live, closing(sqlite3.connect(folder / f"{stop}.sqlite")) as copy:
                live.backup(copy)
    store.close()
    with closing(sqlite3.connect(DataFolder(folder).records, isolation_level=None)) as db:
        for index in ("ix_audit_actor", "ix_audit_act", "ix_audit_subject"):
            db.execute(f"DROP INDEX {index}")
        db.execute("ALTER TABLE audit RENAME TO old")
        db.execute("CREATE TABLE audit (seq INTEGER PRIMARY KEY, body, hash)")
        db.execute("INSERT INTO audit SELECT seq, body, hash FROM old")
        db.execute("DROP TABLE old")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder
