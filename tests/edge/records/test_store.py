"""The store: a change and its entry in the audit chain are one, survive a restart, and time never goes back."""

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from edge.disk.layout import DataFolder
from edge.records.audit.entry import BEGINNING, Entry, digest
from edge.records.audit.seal import Seal
from edge.records.errors import RecordsUnusable
from edge.records.opening import open_records
from edge.records.schema import AuditRow, AuditTipRow, NoticeRow
from edge.records.store import TIP, Store, sealed

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)


def notice(store, name):
    with store.write() as change:
        change.session.add(NoticeRow(id=name, code="test", what=name, fix="", at=change.now))
        return change.log("tester", "notice.made", f"notice/{name}", {"name": name})


def bodies(store):
    with store.read() as session:
        return session.scalars(select(AuditRow.body).order_by(AuditRow.seq)).all()


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path, lambda: NOON)
    yield store
    store.close()


def test_each_entry_names_the_digest_of_the_one_before_and_the_newest_is_signed(store):
    first, second = notice(store, "a"), notice(store, "b")
    assert (first.seq, first.previous, second.previous) == (1, BEGINNING, digest(first.body))
    assert [Entry.of(body) for body in bodies(store)] == [first, second]
    with store.read() as session:
        tip = session.get(AuditTipRow, TIP)
    assert (tip.seq, tip.hash) == (2, digest(second.body))
    assert store.seal.holds(sealed(tip.seq, tip.hash), tip.signature)


def test_a_change_without_an_entry_is_not_made(store):
    with pytest.raises(RuntimeError, match="without an entry"), store.write() as change:
        change.session.add(NoticeRow(id="a", code="", what="", fix="", at=change.now))
    with store.read() as session:
        assert session.get(NoticeRow, "a") is None


def test_a_change_that_fails_leaves_neither_row_nor_entry(store):
    notice(store, "b")
    with pytest.raises(IntegrityError):
        notice(store, "b")
    assert len(bodies(store)) == 1
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(NoticeRow)) == 1


def test_records_are_there_after_a_restart_and_the_chain_continues(tmp_path):
    before = Store.open(tmp_path)
    entry = notice(before, "a")
    before.close()
    after = Store.open(tmp_path)
    assert notice(after, "b").previous == digest(entry.body)
    after.close()


def test_a_clock_that_is_set_back_gives_times_after_the_latest_one(tmp_path):
    times = iter([NOON, datetime(1970, 1, 1, tzinfo=timezone.utc), NOON + timedelta(hours=1)])
    store = Store.open(tmp_path, lambda: next(times))
    stamped = [notice(store, name).at for name in "abc"]
    store.close()
    assert stamped == [NOON, NOON + timedelta(microseconds=1), NOON + timedelta(hours=1)]


def test_records_of_a_newer_program_are_refused_and_stay_unchanged(tmp_path, store):
    with store._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RecordsUnusable, match="9999"):
        Store.open(tmp_path)


def open_files(folder):
    """The files of a folder that this process holds open, by name."""
    held = []
    for number in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that lists them
            held.append(number.readlink())
    return [path.name for path in held if path.parent == folder]


MIGRATE, HOLD, REPORT = "edge.records.store.migrate", "edge.records.opening.FolderInUse", "edge.records.opening._report_newer"


@pytest.mark.parametrize(("opens", "step"), [(Store.open, MIGRATE), (open_records, MIGRATE), (open_records, HOLD), (open_records, REPORT)])
def test_records_that_could_not_be_opened_are_closed(tmp_path, monkeypatch, opens, step):
    opens(tmp_path).close()
    monkeypatch.setattr(step, lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError) as raised:
        opens(tmp_path)
    assert open_files(tmp_path) == [], raised.tb  # the traceback holds the store, so that only `close` can have closed its files
    monkeypatch.undo()
    opens(tmp_path).close()


def test_a_file_that_is_not_a_database_is_refused(tmp_path):
    DataFolder(tmp_path).records.write_bytes(b"no database, whatever it is" * 100)
    with pytest.raises(RecordsUnusable, match="is damaged"):
        Store.open(tmp_path)


def test_the_key_is_made_once_and_only_its_user_may_read_it(tmp_path):
    made = Seal.of(tmp_path)
    assert Seal.of(tmp_path).public == made.public
    assert (tmp_path / "audit_key.pem").stat().st_mode & 0o077 == 0
    assert not Seal.of(tmp_path / "other").holds("text", made.sign("text"))
