"""The trail of a whole data folder: what is missing from it, what is only a remark, and what a flipped bit does."""

import random
import shutil
import sqlite3
from contextlib import closing

import pytest
from audit_log import ENTRIES, SNAPSHOTS, Copy, fill

from edge.records.audit.chain import Wrong, verify
from edge.records.audit.trail import AuditTrail
from edge.records.store import Store
from firmware_bridge.errors import SonoEdgeError


def test_an_empty_log_is_whole_and_one_that_lost_everything_is_not(tmp_path, base):
    assert verify([], None).whole
    copy = Copy(base, tmp_path / "copy")
    copy.rows = []
    copy.write()
    copy.sql("DELETE FROM audit_tip")
    fault = copy.verify().fault
    assert (fault.entry, fault.wrong) == (1, Wrong.BEHIND)


def test_entries_lost_to_a_backup_are_a_remark_and_no_fault(base, tmp_path):
    copy = Copy(base, tmp_path / "copy")
    shutil.copyfile(base / f"{SNAPSHOTS[-1]}.sqlite", copy.path)
    store = Store.open(copy.folder)
    with store.write() as change:
        change.log("appliance", "notice.made", "notice/1", {})
        change.log("appliance", "records.replaced", "records", {"known": ENTRIES})
    fill(store, SNAPSHOTS[-1] + 2, ENTRIES + 20)
    verdict = AuditTrail(store).verify()
    store.close()
    assert verdict.whole
    assert [remark.partition(": ")[2] for remark in verdict.remarks] == ["the records were replaced by a backup, or by empty ones"]


def test_unsigned_lines_of_the_heads_are_a_remark_and_change_nothing(base, tmp_path):
    copy = Copy(base, tmp_path / "copy")
    with (copy.folder / "audit_heads.jsonl").open("ab") as file:
        file.write(b'{"seq": 2000, "hash": "", "at": "2026-11-25T12:00:00+00:00", "signature": ""}\nnothing\n')
    verdict = copy.verify()
    assert verdict.whole
    assert verdict.remarks == ("2 lines of the signed heads are not signed by this appliance's key",)


def stored(path):
    """Everything that verification covers, as it is read; None where it cannot be read."""
    with closing(sqlite3.connect(path)) as db:
        try:
            rows = db.execute("SELECT seq, CAST(body AS BLOB), CAST(hash AS BLOB) FROM audit ORDER BY seq").fetchall()
            return rows, db.execute("SELECT seq, CAST(hash AS BLOB), at, CAST(signature AS BLOB) FROM audit_tip WHERE id = 1").fetchall()
        except sqlite3.Error:
            return None


@pytest.mark.parametrize("seed", range(4))
def test_a_flipped_bit_of_the_file_is_noticed_or_changes_nothing(base, tmp_path, seed):
    copy, rng = Copy(base, tmp_path / "copy"), random.Random(seed)
    content, as_written = bytearray(copy.path.read_bytes()), stored(copy.path)
    noticed = 0
    for _ in range(30):
        place, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
        content[place] ^= bit
        copy.path.write_bytes(content)
        content[place] ^= bit
        try:
            whole = copy.verify().whole
        except SonoEdgeError:
            whole = False
        noticed += not whole
        assert not whole or stored(copy.path) == as_written
        for left in ("-wal", "-shm"):
            copy.path.with_name(copy.path.name + left).unlink(missing_ok=True)
    assert noticed > 0
