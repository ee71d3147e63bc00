"""What comes from elsewhere is copied whole, reaches the disk, and is called by the place that one knows."""

import os
from pathlib import Path

import pytest

from edge.inference.errors import ModelUnusable
from edge.inference.gather import gather


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def test_only_what_the_manifest_names_is_copied(candidate, into, tmp_path):
    folder = candidate(tmp_path / "new", "1.0.0")
    (folder / "notes.txt").write_text("mine")
    (folder / "signature.json").write_text('{"key": "somebody", "signature": ""}')
    assert gather(folder, into, {}, unsigned=True) == "lung-s-1.0.0"
    assert {each.name for each in into.iterdir()} == {each.name for each in folder.iterdir()} - {"notes.txt", "signature.json"}


def test_every_file_and_the_folder_have_reached_the_disk(candidate, into, tmp_path, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(str(Path(f"/proc/self/fd/{fd}").readlink())), real(fd)))
    gather(candidate(tmp_path / "new"), into, {}, unsigned=True)
    assert set(synced) == {str(into), *(str(each) for each in into.iterdir())}


def test_a_fault_names_the_path_that_was_given(candidate, into, tmp_path):
    folder = candidate(tmp_path / "new")
    (folder / "card.html").write_text("another")
    with pytest.raises(ModelUnusable) as raised:
        gather(folder, into, {}, unsigned=True)
    assert str(folder / "card.html") in str(raised.value)
    assert str(into) not in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(candidate, into, tmp_path):
    folder = candidate(tmp_path / "new")
    (folder / "lung-s.tflite").unlink()
    with pytest.raises(ModelUnusable, match=r"lung-s\.tflite cannot be read"):
        gather(folder, into, {}, unsigned=True)
