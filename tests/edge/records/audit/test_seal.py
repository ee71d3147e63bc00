"""The appliance's key is made once, whole, and only its owner may read it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from edge.disk.layout import DataFolder
from edge.records.audit.seal import Seal, holds
from edge.records.errors import RecordsUnusable


def test_a_seal_holds_for_its_own_text_only(tmp_path):
    seal = Seal.of(tmp_path)
    signature = seal.sign("entry 1")
    assert seal.holds("entry 1", signature)
    assert holds(seal.public, "entry 1", signature)
    assert not seal.holds("entry 2", signature)
    assert not holds(Seal.of(tmp_path / "other").public, "entry 1", signature)
    assert not holds("no key", "entry 1", signature)
    assert not seal.holds("entry 1", "%")


def test_processes_that_make_the_key_at_once_get_the_same_one(tmp_path):
    together = threading.Barrier(8)

    def made(_):
        together.wait()
        return Seal.of(tmp_path).fingerprint

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(made, range(8)))) == 1
    assert Seal.of(tmp_path / "other").fingerprint != Seal.of(tmp_path).fingerprint


def test_a_disk_that_refuses_the_key_leaves_no_half_of_it(tmp_path, monkeypatch):
    def refuse(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("os.fsync", refuse)
        with pytest.raises(RecordsUnusable, match="No space left"):
            Seal.of(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert Seal.of(tmp_path).public.startswith("-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\xff"])
def test_a_file_that_is_not_a_key_is_refused_and_stays(tmp_path, content):
    DataFolder(tmp_path).audit_key.write_bytes(content)
    with pytest.raises(RecordsUnusable, match=r"audit_key\.pem cannot be read as a private key") as refused:
        Seal.of(tmp_path)
    assert "Put it back from a backup" in refused.value.fix
    assert DataFolder(tmp_path).audit_key.read_bytes() == content
