"""A journal loses no line, ends a torn one, reports a damaged one, and takes no more of the disk than it is allowed to."""

import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from edge.disk.journal import Journal

RECORDS = [{"number": number, "text": text} for number, text in enumerate(["", "አበበ", "two\nlines", "\x00\r", "x" * 300])]


def numbers(journal):
    return [line["number"] for line in journal.read(json.loads).good]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    journal = Journal(tmp_path_factory.mktemp("written") / "lines.jsonl")
    for record in RECORDS:
        journal.append(record)
    return journal.path.read_bytes()


def test_lines_are_appended_in_their_order_also_after_a_new_start(tmp_path):
    path = tmp_path / "new" / "folder" / "lines.jsonl"
    for number in range(3):
        Journal(path).append({"number": number})
    assert numbers(Journal(path)) == [0, 1, 2]
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == [0, 1, 2]


def test_a_journal_that_was_never_written_has_no_lines(tmp_path):
    lines = Journal(tmp_path / "lines.jsonl").read(json.loads)
    assert (lines.good, lines.damaged) == ((), ())
    assert list(tmp_path.iterdir()) == []


@given(end=st.integers(0, 10_000), more=st.integers(1, 3))
def test_a_file_that_was_cut_at_any_byte_keeps_its_whole_lines_and_takes_the_next(tmp_path_factory, written, end, more):
    cut = written[: end % (len(written) + 1)]
    journal = Journal(tmp_path_factory.mktemp("cut") / "lines.jsonl")
    journal.path.write_bytes(cut)
    for record in RECORDS[:more]:
        journal.append(record)
    lines = journal.read(json.loads)
    whole = cut.count(b"\n")
    complete = whole < len(RECORDS) and cut == b"\n".join(written.split(b"\n")[: whole + 1])  # but for the end of its last line
    assert list(lines.good) == RECORDS[: whole + complete] + RECORDS[:more]
    torn = not complete and cut != b"" and not cut.endswith(b"\n")
    assert lines.damaged == ((whole + 1,) if torn else ())
    assert journal.path.read_bytes().startswith(cut)


@given(end=st.integers(0, 10_000), zeros=st.integers(1, 50))
@settings(max_examples=25)
def test_zeros_that_a_file_system_leaves_after_a_power_cut_cost_no_other_line(tmp_path_factory, written, end, zeros):
    journal = Journal(tmp_path_factory.mktemp("zeros") / "lines.jsonl")
    journal.path.write_bytes(written[: end % len(written)] + bytes(zeros))
    journal.append({"number": 9})
    assert numbers(journal)[-1] == 9
    assert len(journal.read(json.loads).damaged) == 1


def test_damaged_lines_are_reported_by_number_and_stay(tmp_path, written):
    journal = Journal(tmp_path / "lines.jsonl")
    journal.path.write_bytes(b"\xff\xfe\n\n" + written + b"[" * 9999 + b"\n")
    before = journal.path.read_bytes()
    journal.append({"number": 9})
    lines = journal.read(json.loads)
    assert lines.damaged == (1, 3 + len(RECORDS))
    assert [*lines.good] == [*RECORDS, {"number": 9}]
    assert journal.path.read_bytes().startswith(before)


def test_the_newest_lines_stay_within_the_bound_and_what_goes_is_logged(tmp_path):
    journal = Journal(tmp_path / "lines.jsonl", most_bytes=1000)
    with capture_logs() as logged:
        for number in range(200):
            journal.append({"number": number})
            assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1000
    found = numbers(journal)
    assert found == list(range(found[0], 200))
    assert len(found) > 20
    assert {entry["path"] for entry in logged} == {str(journal.previous)}
    gone = sum(len(json.dumps({"number": number})) + 1 for number in range(found[0]))
    assert sum(entry["bytes"] for entry in logged) == gone


def test_a_torn_line_at_the_end_of_the_previous_file_spoils_no_other(tmp_path):
    journal = Journal(tmp_path / "lines.jsonl", most_bytes=100)
    journal.append({"number": 0})
    journal.path.write_bytes(journal.path.read_bytes() + b'{"num' + b"x" * 60)
    journal.append({"number": 1})
    assert (numbers(journal), journal.read(json.loads).damaged) == ([0, 1], (2,))


def test_without_a_bound_every_line_stays(tmp_path):
    journal = Journal(tmp_path / "lines.jsonl")
    for number in range(50):
        journal.append({"number": number, "text": "x" * 1000})
    assert numbers(journal) == list(range(50))
    assert not journal.previous.exists()


def test_many_write_at_once_and_none_loses_a_line_while_another_rotates(tmp_path):
    def write(journal):
        for number in range(25):
            journal.append({"number": number, "text": "x" * 15})

    journals = [Journal(tmp_path / "lines.jsonl", most_bytes=6000) for _ in range(4)]
    threads = [threading.Thread(target=write, args=(journal,)) for journal in journals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers(journals[0])) == sorted(list(range(25)) * 4)
    assert journals[0].previous.exists()


def test_a_reader_sees_no_half_of_a_line(tmp_path):
    journal = Journal(tmp_path / "lines.jsonl")
    writer = threading.Thread(target=lambda: [journal.append({"number": number, "text": "x" * 200_000}) for number in range(20)])
    writer.start()
    damaged = []
    while writer.is_alive():
        damaged += journal.read(json.loads).damaged
    writer.join()
    assert damaged == []


def test_a_folder_that_cannot_be_written_is_an_error_of_the_system(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Journal(tmp_path / "file" / "lines.jsonl").append({})


def test_a_full_disk_refuses_the_line_and_leaves_the_file_as_it_was(tmp_path, file_size_limit):
    journal = Journal(tmp_path / "lines.jsonl")
    journal.append({"number": 0})
    before = journal.path.read_bytes()
    with file_size_limit(1000), pytest.raises(OSError, match="File too large"):
        journal.append({"number": 1, "text": "x" * 5000})
    assert journal.path.read_bytes() == before
    journal.append({"number": 2})
    assert (numbers(journal), journal.read(json.loads).damaged) == ([0, 2], ())
