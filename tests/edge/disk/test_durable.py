import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from edge.disk.durable import OWNER, create_file, make_folder, place_folder, replace_file, replacing, unused


def test_a_file_is_replaced_whole_and_no_sidecar_is_left(tmp_path):
    path = tmp_path / "record.json"
    replace_file(path, b"old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_stays_where_the_new_one_cannot_be_written(tmp_path):
    path = tmp_path / "record.json"
    replace_file(path, b"old")
    (tmp_path / "record.json.new").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_file_left_half_written_by_a_cut_of_power_does_no_harm(tmp_path):
    path = tmp_path / "record.json"
    replace_file(path, b"old")
    (tmp_path / "record.json.new").write_bytes(b"hal")
    assert path.read_bytes() == b"old"
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"


def test_what_begins_in_one_second_does_not_share_a_name(tmp_path):
    path = tmp_path / "20260101T000000Z-probe.mcap"
    taken = []
    for _ in range(3):
        taken.append(unused(path))
        taken[-1].touch()
    assert [each.name for each in taken] == [path.name, "20260101T000000Z-probe-1.mcap", "20260101T000000Z-probe-2.mcap"]


def test_an_error_while_a_file_is_written_leaves_what_was_there_and_nothing_else(tmp_path):
    path = tmp_path / "record.json"
    replace_file(path, b"old")
    lines = (text.encode() for text in ("half of it", 7))
    with pytest.raises(AttributeError), replacing(path) as file:
        file.writelines(lines)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_files_that_are_replaced_by_many_at_once_are_always_whole(tmp_path):
    path = tmp_path / "record.json"

    def write(letter):
        for _ in range(50):
            replace_file(path, letter * 100_000)

    letters = (b"a", b"b", b"c")
    with ThreadPoolExecutor() as pool:
        list(pool.map(write, letters))
    assert path.read_bytes() in {letter * 100_000 for letter in letters}
    assert list(tmp_path.iterdir()) == [path]


def test_of_many_who_create_a_file_at_once_one_does(tmp_path):
    path = tmp_path / "key.pem"
    together = threading.Barrier(8)

    def create(number):
        together.wait()
        try:
            create_file(path, b"%d" % number, mode=OWNER)
        except FileExistsError:
            return None
        return b"%d" % number

    with ThreadPoolExecutor(8) as pool:
        made = [each for each in pool.map(create, range(8)) if each is not None]
    assert [path.read_bytes()] == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_a_power_cut_left_unfinished_does_not_stop_its_creation(tmp_path):
    (tmp_path / "key.pem.new").write_bytes(b"half of a very long key")
    create_file(tmp_path / "key.pem", b"whole")
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"whole"]


def test_folders_are_made_with_those_above_them(tmp_path):
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        make_folder(tmp_path / "file" / "b")


def test_a_folder_takes_its_name_only_where_nothing_has_it(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    place_folder(tmp_path / "first", tmp_path / "release")
    with pytest.raises(OSError, match="not empty"):
        place_folder(tmp_path / "second", tmp_path / "release")
    assert (tmp_path / "release" / "file").read_text() == "first"


def test_a_full_disk_leaves_what_was_there(tmp_path, file_size_limit):
    path = tmp_path / "record.json"
    replace_file(path, b"old")
    written = []
    with file_size_limit(1000):
        for write in (replace_file, lambda place, content: create_file(place.with_name("other"), content)):
            with pytest.raises(OSError, match="File too large"):
                written.append(write(path, b"x" * 5000))
    assert (written, path.read_bytes(), list(tmp_path.iterdir())) == ([], b"old", [path])


@pytest.mark.parametrize("write", [replace_file, create_file])
@pytest.mark.parametrize("target", ["victim", "absent"])
def test_a_planted_link_under_the_unfinished_name_is_not_followed(tmp_path, write, target):
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "a.json.new").symlink_to(tmp_path / target)
    with pytest.raises(OSError, match="it is a link"):
        write(tmp_path / "a.json", b"new")
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert not (tmp_path / "absent").exists()


def test_a_link_under_the_final_name_is_replaced_and_what_it_leads_to_stays(tmp_path):
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "a.json").symlink_to(tmp_path / "victim")
    replace_file(tmp_path / "a.json", b"new")
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert (tmp_path / "a.json").read_bytes() == b"new"
