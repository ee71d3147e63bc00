"""Files of other people: no link is followed, no pipe waits, no path leaves its folder."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.disk.plain_file import NotPlain, inside, read_plain


def test_a_regular_file_is_read_up_to_its_limit(tmp_path):
    (tmp_path / "a").write_bytes(b"1234")
    assert read_plain(tmp_path / "a", 4) == b"1234"
    with pytest.raises(NotPlain, match="more than 3"):
        read_plain(tmp_path / "a", 3)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/etc/hostname"), lambda path: path.symlink_to("no")])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path, make):
    make(tmp_path / "a")
    with pytest.raises(NotPlain):
        read_plain(tmp_path / "a", 100)


def test_a_file_that_is_not_there_is_reported_as_such(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_plain(tmp_path / "a", 100)


@pytest.mark.parametrize(
    "names", [("..",), ("../a",), ("/etc/passwd",), ("",), (".",), ("a", ".."), ("a/b",), ("a\0",), ("x" * 256,), ("\ud800",)]
)
def test_a_name_that_is_none_or_leads_out_has_no_path(tmp_path, names):
    assert inside(tmp_path, *names) is None


def test_a_link_leads_out_also_as_a_folder_on_the_way_and_the_folder_itself_may_be_one(tmp_path):
    (tmp_path / "real" / "e1").mkdir(parents=True)
    (tmp_path / "real" / "e1" / "a.mcap").write_bytes(b"")
    (tmp_path / "real" / "link").symlink_to(tmp_path / "real" / "e1")
    (tmp_path / "real" / "e1" / "b.mcap").symlink_to("a.mcap")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "exams").symlink_to("real")
    assert inside(tmp_path / "exams", "e1", "a.mcap") == tmp_path / "exams" / "e1" / "a.mcap"
    assert inside(tmp_path / "exams", "e1", "absent") is not None
    assert inside(tmp_path / "exams", "link", "a.mcap") is None
    assert inside(tmp_path / "exams", "e1", "b.mcap") is None
    assert inside(tmp_path, "loop") is None


@given(st.lists(st.text(alphabet="./a\0 ~", max_size=6), min_size=1, max_size=3))
def test_whatever_the_names_are_a_path_is_below_its_folder(tmp_path_factory, names):
    folder = tmp_path_factory.getbasetemp()
    path = inside(folder, *names)
    assert path is None or (path.resolve() != folder.resolve() and path.resolve().is_relative_to(folder.resolve()))
