"""The stored book of encounters: whole, of the board's user only, and nothing lost where something fails."""

import stat

import pytest

from edge.disk.layout import DataFolder
from edge.exchange.encounters import cache
from edge.exchange.encounters.book import Book
from edge.exchange.encounters.cache import LARGEST, EncountersDamaged, load_book, save_book
from tests.edge.exchange.encounters.messages import adt
from tests.edge.exchange.encounters.test_book import book_of

BOOK = book_of(
    adt("A01"), adt("A01", visit="V-2", charset=""), adt("A03", minutes=2), adt("A40", minutes=3, merged="P-9"),
    adt("A08", minutes=4, identifier="P-5"),
)  # fmt: skip


def test_what_was_stored_is_read_again(tmp_path) -> None:
    assert load_book(tmp_path) is None
    save_book(tmp_path, BOOK)
    assert load_book(tmp_path) == BOOK
    assert BOOK.visits
    assert BOOK.merges
    assert BOOK.corrections


def test_only_the_user_of_the_board_may_read_it(tmp_path) -> None:
    save_book(tmp_path, BOOK)
    assert stat.S_IMODE(DataFolder(tmp_path).encounters.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b'{"visits": 3}', b" " * (LARGEST + 1)], ids=["empty", "cut", "other", "huge"])
def test_a_damaged_file_is_told_with_the_next_step(content, tmp_path) -> None:
    DataFolder(tmp_path).encounters.write_bytes(content)
    with pytest.raises(EncountersDamaged, match="Move it away"):
        load_book(tmp_path)


def test_a_book_that_could_not_be_read_again_is_not_stored(tmp_path, monkeypatch) -> None:
    save_book(tmp_path, BOOK)
    monkeypatch.setattr(cache, "LARGEST", 100)
    with pytest.raises(OSError, match="too large"):
        save_book(tmp_path, Book(visits=BOOK.visits[:1]))
    monkeypatch.undo()
    assert load_book(tmp_path) == BOOK
