"""A publisher's keys and repository, in memory: each file is synced, and no power is cut here."""

import tempfile
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from provisioning.release.keys import key_files, make_keys
from provisioning.release.repository import Repository

MEMORY = Path("/dev/shm")
NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
DELEGATED = ("models", "boards-pi5", "sites-kisumu")


@pytest.fixture
def place():
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def publisher(place):
    """Its `repository`, just made, the folder of its `keys`, a `file`, and how it signs and releases."""
    keys = place / "keys"
    keys.mkdir()
    make_keys(keys, DELEGATED)
    repository = Repository(place / "repository", NOW)
    repository.create(keys, DELEGATED)
    file = place / "file"
    file.write_bytes(b"content")

    def release(*roles):
        for role in roles:
            assert repository.sign(role, *key_files(keys, role)) == 0
        repository.release(keys / "snapshot-1.pem", keys / "timestamp-1.pem")

    return SimpleNamespace(repository=repository, keys=keys, file=file, release=release, bootstrap=root(repository, 1), place=place)


def root(repository, version):
    return (repository.shelf.folder / f"{version}.root.json").read_bytes()
