"""A journal loses no line, heals a torn one, and takes no more of the disk than it may."""

import json

import pytest

from edge.disk.journal import Journal


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_lines_are_appended_in_their_order_also_after_a_new_start(tmp_path):
    path = tmp_path / "new" / "said.jsonl"
    for number in range(3):
        Journal(path).append({"number": number})
    assert [line["number"] for line in lines(path)] == [0, 1, 2]


def test_a_line_that_a_cut_of_power_has_torn_spoils_no_other(tmp_path):
    path = tmp_path / "said.jsonl"
    Journal(path).append({"number": 0})
    path.write_bytes(path.read_bytes() + b'{"num')
    Journal(path).append({"number": 1})
    first, torn, last = path.read_text().splitlines()
    assert (json.loads(first), torn, json.loads(last)) == ({"number": 0}, '{"num', {"number": 1})


def test_the_newest_lines_are_kept_within_the_bound(tmp_path):
    journal = Journal(tmp_path / "said.jsonl", most_bytes=1000)
    for number in range(200):
        journal.append({"number": number})
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1000
    kept = [line["number"] for line in lines(journal.before) + lines(journal.path)]
    assert kept == list(range(kept[0], 200))
    assert len(kept) > 20


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Journal(tmp_path / "file" / "said.jsonl").append({})
