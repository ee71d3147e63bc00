"""The stored worklist: the whole answer, with its time, and nothing lost when something fails."""

import stat
from datetime import date, datetime, timezone

import pytest

from edge.disk.layout import DataFolder
from edge.exchange.worklist.cache import LARGEST, CachedWorklist, WorklistDamaged, load_worklist, save_worklist
from edge.exchange.worklist.entry import WorklistEntry
from edge.exchange.worklist.matching import Finder

ENTRIES = (WorklistEntry(name="አበበ^ሰላማዊት", patient_id="P-1"), WorklistEntry(patient_id="x" * 65, problems=("long-id",)))
STORED = CachedWorklist("ris", datetime(2026, 11, 30, 8, 15, tzinfo=timezone.utc), date(2026, 11, 30), date(2026, 12, 1), ENTRIES)


def test_what_was_stored_is_read_again_with_its_time_and_its_problems(tmp_path) -> None:
    assert load_worklist(tmp_path) is None
    save_worklist(tmp_path, STORED)
    assert load_worklist(tmp_path) == STORED


def test_only_the_user_of_the_board_may_read_it(tmp_path) -> None:
    save_worklist(tmp_path, STORED)
    assert stat.S_IMODE(DataFolder(tmp_path).worklist.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b'{"peer": "ris"}', b" " * (LARGEST + 1)], ids=["empty", "cut", "other", "huge"])
def test_a_damaged_file_is_told_with_the_next_step(content, tmp_path) -> None:
    DataFolder(tmp_path).worklist.write_bytes(content)
    with pytest.raises(WorklistDamaged, match="sonoedge hospital worklist"):
        load_worklist(tmp_path)


def test_five_hundred_entries_are_usable_without_a_network(tmp_path) -> None:
    entries = tuple(WorklistEntry(name=f"Name^{number}", patient_id=f"P-{number}", study_uid=f"2.25.{number}") for number in range(500))
    save_worklist(tmp_path, CachedWorklist("ris", STORED.asked_at, STORED.first, STORED.last, entries))
    assert Finder(load_worklist(tmp_path).entries).find("p-499") == (entries[499],)
