"""Search in a worklist, in any script."""

import time

import pytest

from edge.exchange.worklist.entry import WorklistEntry
from edge.exchange.worklist.matching import Finder

NAMES = ("Diallo^Aïssatou", "አበበ^ሰላማዊት", "Łukasz^Østergård", "Straße^Jörg", "山田^太郎", "ДЬЯКОНОВ^Пётр", "عائشة^ديالو", "Εὐαγγελία^Παπᾶ")
ENTRIES = tuple(WorklistEntry(name=name, patient_id=f"ID-{number}", accession=f"ACC{number}x") for number, name in enumerate(NAMES))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("aissa", 0), ("DIALLO", 0), ("Aïssatou Diallo", 0), ("diallo, aissatou", 0), ("satou dia", 0), ("ሰላማ", 1), ("አበበ", 1),
        ("lukasz", 2), ("ostergard", 2), ("strasse", 3), ("JORG", 3), ("山田", 4), ("太", 4), ("петр", 5), ("дьяконов", 5), ("ديالو", 6),
        ("ευαγγελια", 7), ("id-3", 3), ("acc2X", 2), ("Diallo^Aïssatou", 0),
    ],
)  # fmt: skip
def test_any_part_of_a_name_an_id_or_an_accession_finds_the_entry(text, found) -> None:
    assert Finder(ENTRIES).find(text) == (ENTRIES[found],)


def test_no_word_finds_all_and_a_foreign_word_none() -> None:
    assert Finder(ENTRIES).find("  ") == ENTRIES
    assert Finder(ENTRIES).find("nobody") == ()
    assert Finder(ENTRIES).find("ID-3 aissa") == ()


def test_five_hundred_entries_are_searched(record_property) -> None:
    entries = tuple(WorklistEntry(name=f"{NAMES[number % 8]}{number}", patient_id=f"P-{number:04}") for number in range(500))
    begin = time.perf_counter()
    finder = Finder(entries)
    prepared = time.perf_counter()
    found = finder.find("p-0499")
    record_property("ms to prepare 500 entries of a worklist", f"{(prepared - begin) * 1000:.2f}")
    record_property("ms to find one of 500 entries of a worklist", f"{(time.perf_counter() - prepared) * 1000:.3f}")
    assert found == (entries[499],)
