"""Anchors: a file or folder that was removed, moved or replaced is noticed, and nothing begins a second one in its place."""

import shutil
from contextlib import closing

import pytest

from edge.disk.anchor import Anchor, FolderInUse
from edge.disk.durable import create_file, make_folder, replace_file
from edge.disk.journal import Journal
from edge.exam.exam_file import ExamNotStored
from edge.exam.exam_file import make_folder as make_exam_folder


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    with closing(FolderInUse(folder)):
        yield folder


def move(folder):
    folder.rename(folder.with_name("elsewhere"))


def replace(folder):
    move(folder)
    folder.mkdir()


def test_a_file_is_at_its_path_until_it_is_removed_also_where_another_has_its_name(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"1")
    with closing(Anchor(path)) as anchor:
        assert anchor.holds
        path.write_bytes(b"22")
        assert anchor.holds
        path.unlink()
        assert not anchor.holds
        path.write_bytes(b"1")
        assert not anchor.holds


def test_what_was_moved_and_put_back_is_at_its_path_again(data):
    with closing(Anchor(data)) as anchor:
        move(data)
        assert not anchor.holds
        data.with_name("elsewhere").rename(data)
        assert anchor.holds


@pytest.mark.parametrize("lose", [shutil.rmtree, move, replace], ids=["removed", "moved", "replaced"])
@pytest.mark.parametrize(
    "write",
    [
        lambda data: make_folder(data / "exams"),
        lambda data: replace_file(data / "a", b"1"),
        lambda data: create_file(data / "a", b"1"),
        lambda data: Journal(data / "heads.jsonl").append({}),
        lambda data: Journal(data / "checks" / "S1.jsonl").append({}),
    ],
    ids=["folder", "file", "new file", "journal", "journal in a folder"],
)
def test_nothing_is_made_where_the_folder_in_use_was(data, lose, write):
    lose(data)
    before = sorted(data.rglob("*")) if data.exists() else None
    with pytest.raises(OSError, match="removed, moved, replaced or unmounted"):
        write(data)
    assert (sorted(data.rglob("*")) if data.exists() else None) == before


def test_no_exam_begins_a_second_data_folder(data):
    shutil.rmtree(data)
    with pytest.raises(ExamNotStored, match="removed, moved"):
        make_exam_folder(data / "exams", "blue-6")
    assert not data.exists()


def test_a_folder_that_is_not_in_use_any_more_may_be_made_again(tmp_path):
    (tmp_path / "data").mkdir()
    FolderInUse(tmp_path / "data").close()
    (tmp_path / "data").rmdir()
    make_folder(tmp_path / "data" / "exams")
    assert (tmp_path / "data" / "exams").is_dir()
