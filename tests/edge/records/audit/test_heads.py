"""Signed heads: stored next to the database, only for a new entry, and only this appliance's own heads count."""

import json
import threading
from contextlib import closing

import pytest

from edge.disk.layout import DataFolder
from edge.records.audit import keeper as audit_keeper
from edge.records.audit.heads import Head, Heads, sign_head
from edge.records.audit.keeper import AuditKeeper
from edge.records.audit.seal import Seal
from edge.records.clock_correction import ClockGuard
from edge.records.errors import RecordsFull, RecordsUnusable
from edge.records.notices import Notices
from edge.records.store import Store


@pytest.fixture
def store(tmp_path):
    with closing(Store.open(tmp_path)) as opened:
        yield opened


def log(store):
    with store.write() as change:
        return change.log("tester", "x.done", "x", {})


def lines(folder):
    return [json.loads(line) for line in DataFolder(folder).audit_heads.read_text().splitlines()]


def test_nothing_is_signed_before_there_is_an_entry(store, tmp_path):
    assert sign_head(store) is None
    assert Heads(tmp_path).append(store) is None
    assert not DataFolder(tmp_path).audit_heads.exists()


def test_a_head_names_the_newest_entry_and_its_signature_covers_every_field(store):
    log(store)
    entry = log(store)
    head = sign_head(store)
    assert (head.seq, head.at > entry.at.isoformat()) == (2, True)
    assert head.signed_by(store.seal.public)
    for field, value in (("seq", 3), ("hash", "0" * 64), ("at", "2026-11-25T12:00:00+00:00"), ("signature", "AAAA")):
        assert not Head(**{**head.as_record(), field: value}).signed_by(store.seal.public)


def test_a_head_is_stored_once_for_each_entry(store, tmp_path):
    heads = Heads(tmp_path)
    log(store)
    heads.append(store)
    heads.append(store)
    log(store)
    heads.append(store)
    assert [line["seq"] for line in lines(tmp_path)] == [1, 2]
    assert [head.seq for head in heads.stored(store.seal).heads] == [1, 2]


@pytest.mark.parametrize("line", ["nothing", "[]", "{}", '{"seq": "1", "hash": "", "at": "", "signature": ""}', "[" * 9999])
def test_lines_that_are_not_heads_are_counted_and_a_new_head_follows(store, tmp_path, line):
    log(store)
    DataFolder(tmp_path).audit_heads.write_text(line + "\n")
    heads = Heads(tmp_path)
    heads.append(store)
    stored = heads.stored(store.seal)
    assert ([head.seq for head in stored.heads], stored.refused) == ([1], 1)
    assert heads.stored(Seal.of(tmp_path / "other")).heads == ()


def test_a_folder_that_takes_no_head_is_reported(store, tmp_path):
    log(store)
    DataFolder(tmp_path).audit_heads.mkdir()
    with pytest.raises(RecordsFull, match="cannot be written"):
        Heads(tmp_path).append(store)
    with pytest.raises(RecordsFull, match="cannot be read"):
        Heads(tmp_path).stored(store.seal)


def test_an_entry_of_another_key_is_never_signed_and_never_followed(tmp_path, store):
    log(store)
    with closing(Store(store.path, Seal.of(tmp_path / "other"))) as other:
        with pytest.raises(RecordsUnusable, match="not signed by this appliance's key"):
            sign_head(other)
        with pytest.raises(RecordsUnusable, match="not signed by this appliance's key"):
            log(other)
        with other.write(taking_over=True) as change:
            change.log("tester", "x.done", "x", {})
        assert sign_head(other).seq == 2


def test_the_appliance_signs_every_hour_and_at_its_end_and_survives_a_full_disk(store, tmp_path, monkeypatch):
    monkeypatch.setattr(audit_keeper, "LOOK_S", 0.001)
    monkeypatch.setattr(audit_keeper, "SIGN_S", 0.0)
    stopping = threading.Event()
    DataFolder(tmp_path).audit_heads.mkdir()
    log(store)
    keeper = AuditKeeper(store, ClockGuard(store, Notices(store)))
    thread = threading.Thread(target=keeper.run, args=(stopping,))
    thread.start()
    stopping.wait(0.05)
    DataFolder(tmp_path).audit_heads.rmdir()
    while not DataFolder(tmp_path).audit_heads.is_file():
        stopping.wait(0.001)
    stopping.set()
    thread.join()
    log(store)
    keeper.close()
    assert [line["seq"] for line in lines(tmp_path)] == [1, 2]
