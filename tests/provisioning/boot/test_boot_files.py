"""The real disk and the one in memory behave alike."""

import pytest

from provisioning.boot.files import RealFiles, make_folders, point, remove_tree, replace
from tests.provisioning.crash_disk import CrashDisk, Node


@pytest.fixture(params=["real", "in memory"])
def disk(request, tmp_path):
    if request.param == "real":
        return RealFiles(), tmp_path
    return CrashDisk({path: Node() for path in (tmp_path, *tmp_path.parents)}), tmp_path


def test_a_file_is_replaced_whole(disk):
    files, root = disk
    replace(files, root / "x", b"one")
    replace(files, root / "x", b"two")
    assert files.read(root / "x") == b"two"
    assert files.names(root) == ["x"]


def test_what_is_appended_is_added(disk):
    files, root = disk
    files.append(root / "x", b"one")
    files.append(root / "x", b"two")
    with files.open(root / "x") as file:
        assert file.read() == b"onetwo"


def test_a_link_is_pointed_elsewhere_in_one_step(disk):
    files, root = disk
    for target in ("slots/a", "slots/b", "slots/b"):
        point(files, root / "current", target)
    assert files.read_link(root / "current") == "slots/b"
    assert files.exists(root / "current")
    assert not files.is_folder(root / "current")


def test_a_tree_is_made_and_removed(disk):
    files, root = disk
    make_folders(files, root / "a/b")
    files.write(root / "a/b/x", (b"1", b"2"))
    files.link("x", root / "a/b/y")
    files.sync_tree(root / "a")
    remove_tree(files, root / "a")
    remove_tree(files, root / "a")
    assert files.names(root) == []


@pytest.mark.parametrize(
    "asked",
    [
        lambda files, path: files.read(path),
        lambda files, path: files.remove(path),
        lambda files, path: files.sync(path),
        lambda files, path: files.names(path),
        lambda files, path: files.read_link(path),
        lambda files, path: files.rename(path, path.with_name("z")),
        lambda files, path: files.write(path / "x", (b"",)),
        lambda files, path: files.sync_tree(path),
    ],
)
def test_what_is_absent_is_an_error_of_the_system(disk, asked):
    files, root = disk
    with pytest.raises(FileNotFoundError):
        asked(files, root / "absent")


def test_a_folder_with_something_in_it_stays(disk):
    files, root = disk
    make_folders(files, root / "a/b")
    with pytest.raises(OSError, match="not empty"):
        files.remove_folder(root / "a")
