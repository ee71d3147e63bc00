"""One bit of the database flipped, at many places: what is noticed, and by what.

After a close in good order, the digest of the file notices every flip. After a power cut there is no digest, and SQLite has no checksums:
only SQLite's checks, the audit chain and the tip remain, and these do not notice a changed letter in a row that nothing refers to.
"""

import random
import shutil
import sqlite3

import pytest

from edge.records.backup.backups import make_backup
from edge.records.integrity import faults, reading
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.records.sum import sum_fault

FLIPS = 300
AT_A_START, BY_A_BACKUP = 0.05, 0.5
"""Of the flips that change what is read, the share that must be noticed without the digest; docs/records.md has the measurements."""


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """The database of thirty exams, and the public key that signed it."""
    import importlib.util
    from pathlib import Path

    described = importlib.util.spec_from_file_location("exams_of_a_day", Path(__file__).with_name("conftest.py"))
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    data = module.Data(tmp_path_factory.mktemp("flips") / "data")
    for number in range(30):
        exam = data.exam(f"e{number}")
        for zone in ("upper-right", "upper-left"):
            data.clip(exam, zone, frames=1)
    make_backup(data.store, data.folder / "backups")
    data.close()
    return data.folder, data.store.seal.public


@pytest.fixture
def flips(closed):
    """Each place and bit, with the database flipped there."""
    folder, _ = closed
    path = folder / "records.sqlite"
    content, chance = path.read_bytes(), random.Random(20261125)

    def put(place, byte):
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([byte]))

    def flipped():
        for _ in range(FLIPS):
            place, bit = chance.randrange(len(content)), chance.randrange(8)
            put(place, content[place] ^ 1 << bit)
            yield place
            put(place, content[place])

    return flipped()


def test_every_flip_of_a_closed_database_is_noticed(closed, flips):
    folder, public = closed
    assert faults(folder / "records.sqlite", public, whole=True, still=True) == ()
    assert sum_fault(folder) == ""
    missed = [place for place in flips if not (faults(folder / "records.sqlite", None, whole=False, still=True) or sum_fault(folder))]
    assert missed == []


def all_rows(path):
    with reading(path, still=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return [(name, connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in tables]


def changes(path, before):
    try:
        return all_rows(path) != before
    except (sqlite3.Error, UnicodeDecodeError):
        return True


def test_without_the_digest_a_start_notices_a_share_and_each_backup_more(closed, flips):
    folder, public = closed
    path = folder / "records.sqlite"
    before, changing, at_a_start, by_a_backup = all_rows(path), 0, 0, 0
    for _ in flips:
        if changes(path, before):
            changing += 1
            at_a_start += bool(faults(path, None, whole=False, still=True))
            by_a_backup += bool(faults(path, public, whole=True, still=True))
    print(f"\nof {FLIPS} flips {changing} change what is read; without the digest {at_a_start} of them are noticed at a start, ", end="")
    print(f"and {by_a_backup} by the checks of each backup")
    assert changing > FLIPS / 10
    assert at_a_start / changing >= AT_A_START
    assert by_a_backup / changing >= BY_A_BACKUP


@pytest.mark.parametrize("seed", range(12))
def test_after_a_flip_nothing_is_lost_where_the_backup_is_as_recent(closed, tmp_path, seed):
    folder, _ = closed
    shutil.copytree(folder, tmp_path / "data", ignore=shutil.ignore_patterns("exams"))
    path = tmp_path / "data" / "records.sqlite"
    content, chance = bytearray(path.read_bytes()), random.Random(seed)
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    store = open_records(tmp_path / "data")
    (notice,) = Notices(store).unseen()
    assert notice.code == "records-restored"
    assert "no later entry of the audit trail is known" in notice.what
    store.close()
    assert list((tmp_path / "data" / "quarantine").glob("*/records.sqlite"))
