"""Signed descriptions: an edited backup on a stick is never restored by itself, and a person who restores one is warned."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.disk.digest import digest_of
from edge.records.backup.backups import make_backup, verify
from edge.records.backup.description import Backup, backups_in, own_backups, undescribed
from edge.records.backup.restore import Cause, newest_good, restore
from edge.records.errors import BackupUnusable
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.records.schema import ExamRow


def edit(stick: Path, statement: str, **stated: object) -> Path:
    """Changes the newest backup, as a person with the stick can, and makes its digest and `stated` fit."""
    backup = backups_in(stick)[0]
    path = stick / backup.file
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
    changed = backup.model_copy(update={"sha256": digest_of(path), "bytes": path.stat().st_size, **stated})
    path.with_suffix(".json").write_text(changed.model_dump_json())
    return path


@pytest.fixture
def stick(data, tmp_path):
    """A stick with a backup; the database of the appliance has one damaged byte, and no other backup."""
    data.exam("before")
    make_backup(data.store, tmp_path / "stick")
    data.close()
    content = bytearray(data.database.read_bytes())
    content[4096 : 4096 * 2] = bytes(4096)
    data.database.write_bytes(content)
    return tmp_path / "stick"


def start(data, stick):
    data.store = open_records(data.folder, (stick,))
    return [(notice.code, notice.what) for notice in Notices(data.store).unseen()]


RENAME = "UPDATE exam SET folder = '../../' || id"


@pytest.mark.parametrize("stated", [{}, {"signature": ""}, {"number": 10**40}, {"signature": "AAAA"}])
def test_an_edited_backup_whose_digest_was_made_to_fit_is_not_taken_at_a_start(data, stick, stated):
    path = edit(stick, RENAME, **stated)
    ((code, what),) = start(data, stick)
    assert code == "records-begun-anew"
    assert f"{path} was not used, because this appliance did not sign it" in what
    assert data.rows(ExamRow) == []


def test_an_older_backup_that_is_signed_is_taken_instead(data, tmp_path):
    data.exam("first")
    make_backup(data.store, tmp_path / "stick")
    data.exam("second")
    make_backup(data.store, tmp_path / "stick")
    data.close()
    edit(tmp_path / "stick", RENAME)
    data.database.write_bytes(b"damaged")
    assert start(data, tmp_path / "stick")[0][0] == "records-restored"
    assert [row.folder for row in data.rows(ExamRow)] == ["first"]


def test_a_backup_that_another_key_signed_is_not_taken_at_a_start(data, stick, tmp_path):
    other = open_records(tmp_path / "other")
    edit(stick, RENAME, public=other.seal.public)
    (backup,) = backups_in(stick)
    (stick / backup.file).with_suffix(".json").write_text(backup.signed(other.seal).model_dump_json())
    other.close()
    assert start(data, stick)[0][0] == "records-begun-anew"


@pytest.mark.parametrize("field", [each for each in Backup.model_fields if each not in ("public", "signature")])
def test_the_signature_covers_every_field(data, stick, field):
    (backup,) = backups_in(stick)
    public = backup.public
    assert backup.signed_by(public)
    other = backup.at.replace(year=2001) if field == "at" else getattr(backup, field) * 2
    assert not backup.model_copy(update={field: other}).signed_by(public)


def test_a_backup_without_a_signature_is_restored_by_hand_with_a_warning(data, stick):
    """An older release made it: nothing that was recorded is lost by an upgrade."""
    path = edit(stick, "UPDATE exam SET version = 1", signature="")
    (backup,) = backups_in(stick)
    assert newest_good([stick], backup.public) is None
    restore(data.folder, stick, backup, Cause("asked for", "technician"))
    ((code, what),) = start(data, stick)
    assert (code, [row.folder for row in data.rows(ExamRow)]) == ("records-restored", ["before"])
    assert "did not sign the backup: it carries no signature" in what
    assert path.exists()


def test_a_signed_backup_that_was_edited_is_refused_by_hand_too(data, stick):
    edit(stick, RENAME)
    with pytest.raises(BackupUnusable, match="has changed since it was made"):
        restore(data.folder, stick, backups_in(stick)[0], Cause("asked for", "technician"))


def test_a_stick_that_reads_other_bytes_after_the_check_is_refused(data, stick, monkeypatch):
    (backup,) = backups_in(stick)
    monkeypatch.setattr("edge.records.backup.restore.verify", lambda *_: edit(stick, RENAME))
    with pytest.raises(BackupUnusable, match="has changed since it was made"):
        restore(data.folder, stick, backup, Cause("asked for", "technician"))


def test_an_unsigned_number_never_decides_the_number_of_the_next_backup(data, tmp_path):
    data.exam()
    make_backup(data.store, tmp_path / "stick")
    edit(tmp_path / "stick", RENAME, number=10**4000)
    assert make_backup(data.store, tmp_path / "stick").number == 1
    assert len(own_backups(tmp_path / "stick", data.store.seal.public)) == 1


@pytest.mark.parametrize("stated", [{"file": "../records.sqlite"}, {"file": ".."}, {"at": "2026-11-25T10:00:00"}, {"number": "x"}])
def test_a_description_that_leads_elsewhere_or_is_not_complete_is_skipped_and_named(data, stick, stated):
    path = stick / backups_in(stick)[0].file
    described = path.with_suffix(".json")
    (stick.parent / "records.sqlite").write_bytes(path.read_bytes())
    described.write_text(json.dumps({**json.loads(described.read_text()), **stated}))
    assert backups_in(stick) == ()
    assert undescribed(stick) == (path, described)


def test_a_pipe_or_a_link_in_place_of_a_description_is_skipped(data, stick):
    path = stick / backups_in(stick)[0].file
    path.with_suffix(".json").rename(stick / "elsewhere")
    path.with_suffix(".json").symlink_to(stick / "elsewhere")
    os.mkfifo(stick / "records-pipe.json")
    assert backups_in(stick) == ()


def test_a_backup_of_this_appliance_is_verified_with_its_key(data, stick):
    (backup,) = backups_in(stick)
    verify(stick, backup, backup.public)
