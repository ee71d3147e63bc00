"""The log: its frames are summed as SQLite does, and damage is distinguished from the traces of a power cut."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.records.wal import FRAME, HEADER, Log, read_log

PAGE = 4096


@pytest.fixture
def log(tmp_path):
    """The log of ten transactions that are not yet in the database."""
    database = tmp_path / "live.sqlite"
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, s TEXT)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for number in range(10):
        connection.execute("INSERT INTO t VALUES (?, ?)", (number, str(number) * 100))
    for end in ("", "-wal"):
        shutil.copyfile(f"{database}{end}", tmp_path / f"copy.sqlite{end}")
    connection.close()
    return tmp_path / "copy.sqlite-wal"


def rows(log):
    connection = sqlite3.connect(log.with_name("copy.sqlite"))
    try:
        return connection.execute("SELECT count(*) FROM t").fetchone()[0]
    finally:
        connection.close()


def test_a_whole_log_keeps_all_that_sqlite_keeps(log):
    assert read_log(log) == Log(intact=10, lost=0)
    assert rows(log) == 10


def test_a_log_that_is_absent_or_empty_is_whole(tmp_path):
    assert read_log(tmp_path / "x.sqlite-wal") == Log()
    (tmp_path / "x.sqlite-wal").write_bytes(b"")
    assert read_log(tmp_path / "x.sqlite-wal") == Log()


@pytest.mark.parametrize("frame", [0, 3, 7])
@pytest.mark.parametrize("place", [0, 4, 8, 16, FRAME.size, FRAME.size + PAGE - 1])
def test_a_flip_in_a_frame_makes_sqlite_lose_the_rest_and_is_damage(log, frame, place):
    content = bytearray(log.read_bytes())
    content[HEADER.size + frame * (FRAME.size + PAGE) + place] ^= 1
    log.write_bytes(content)
    report = read_log(log)
    assert report.damaged
    assert report.intact == frame
    assert rows(log) == frame


@pytest.mark.parametrize("place", range(0, HEADER.size, 4))
def test_a_flip_in_the_header_makes_sqlite_lose_everything_and_is_damage(log, place):
    content = bytearray(log.read_bytes())
    content[place] ^= 1
    log.write_bytes(content)
    assert read_log(log).damaged
    assert read_log(log).intact == 0


def test_a_torn_last_transaction_comes_from_a_power_cut_and_is_no_damage(log):
    content = bytearray(log.read_bytes())
    content[-1] ^= 1
    log.write_bytes(content)
    assert read_log(log) == Log(intact=9, lost=1)
    assert not read_log(log).damaged
    log.write_bytes(content[:-100])
    assert read_log(log) == Log(intact=9, lost=0)


def test_records_with_a_damaged_log_are_used_up_to_the_damage_with_a_notice(data):
    for name in ("a", "b", "c", "d", "e"):
        data.exam(name)
    copy = data.folder.parent / "cut"
    shutil.copytree(data.folder, copy)
    log = copy / "records.sqlite-wal"
    content = bytearray(log.read_bytes())
    content[len(content) * 9 // 10] ^= 1  # the exams are at the end, after the tables
    log.write_bytes(content)
    expected = read_log(log)
    store = open_records(copy)
    (notice,) = Notices(store).unseen()
    assert notice.code == "records-tail-lost"
    assert f"the last {expected.lost} changes" in notice.what
    (stored,) = (copy / "quarantine").glob("*/records.sqlite-wal")
    assert stored.read_bytes() == content
    store.close()
    with closing(open_records(copy)) as opened:
        assert [notice.code for notice in Notices(opened).unseen()] == ["records-tail-lost"]
