import pytest

from edge.disk.durable import replace_file, unused


def test_a_file_is_replaced_whole_and_nothing_is_left_beside(tmp_path):
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
