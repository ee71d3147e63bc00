"""A signed log that a test tampers with, and what the entries of any log may hold."""

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from functools import cache

import rfc8785
from hypothesis import strategies as st

from edge.disk.layout import DataFolder
from edge.records.audit.seal import Seal
from edge.records.audit.trail import AuditTrail
from edge.records.store import Store

ENTRIES = 200
HEADS = (50, 100, 150, 200)
"""Entries at which a head was signed."""
SNAPSHOTS = (26, 80, 155, 190)
"""Entries at which a person took a copy of the whole database."""
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def fill(store, begin, end):
    """Entries such as exams make, ten in each transaction."""
    for first in range(begin, end, 10):
        with store.write() as change:
            for number in range(first, min(first + 10, end)):
                detail = {"exam": f"{number:08x}", "version": number, "probability": number / 7, "zones": ["R1", "L4"], "note": "ጤና"}
                change.log(f"operator {number % 5}", "finding.decided", f"finding/{number}", detail)


@cache
def rows_of(base):
    with closing(sqlite3.connect(DataFolder(base).records)) as db:
        return db.execute("SELECT seq, CAST(body AS BLOB), hash FROM audit ORDER BY seq").fetchall()


class Copy:
    """A copy of the log, to be tampered with; `rows` are lists of number, body and digest."""

    def __init__(self, base, folder):
        self.base, self.folder, self.path = base, folder, DataFolder(folder).records
        folder.mkdir(exist_ok=True)
        for name in ("records.sqlite", "audit_key.pem", "audit_heads.jsonl"):
            shutil.copyfile(base / name, folder / name)
        self.rows = [list(row) for row in rows_of(base)]

    def write(self):
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous=OFF")
            db.execute("BEGIN")
            db.execute("DELETE FROM audit")
            db.executemany("INSERT INTO audit VALUES (?, CAST(? AS TEXT), ?)", self.rows)
            db.execute("COMMIT")

    def sql(self, statement, *values):
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            db.execute(statement, values)

    def verify(self):
        with closing(Store(self.path, Seal.of(self.folder))) as store:
            return AuditTrail(store).verify()

    def rehash(self, entry):
        self.rows[entry - 1][2] = hashlib.sha256(self.rows[entry - 1][1]).hexdigest()

    def say(self, entry, **fields):
        """Rewrites an entry in canonical form, with the digest that fits."""
        self.rows[entry - 1][1] = rfc8785.dumps(json.loads(self.rows[entry - 1][1]) | fields)
        self.rehash(entry)

    def relink(self, entry):
        """Makes everything from here on fit together again, as far as this is possible without the key."""
        for each in range(entry, len(self.rows) + 1):
            self.say(each, previous=self.rows[each - 2][2])

    def renumber(self):
        for number, row in enumerate(self.rows, 1):
            row[0] = number
