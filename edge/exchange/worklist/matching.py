"""Finds entries of a list of the hospital by any part of a name or a number, in any script, whatever its case and accents."""

import unicodedata
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
"""Letters that Unicode does not split into a base and an accent."""
SEPARATORS = str.maketrans("^=\\,", "    ")


def folded(text: str) -> str:
    """Text to compare: compatible forms made one, without accents and other marks, in one case."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(each for each in plain if not unicodedata.combining(each)).translate(LETTERS)


class Searched(Protocol):
    """An entry of a list; `searched` holds the name and the numbers by which a person looks for it."""

    @property
    def searched(self) -> str: ...


Entry = TypeVar("Entry", bound=Searched)


class Finder(Generic[Entry]):
    """The entries of a list, prepared for many searches."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._prepared = [(folded(entry.searched.translate(SEPARATORS)), entry) for entry in entries]

    def find(self, text: str) -> tuple[Entry, ...]:
        """The entries that have each word of `text` in the name or a number; all of them for no word."""
        words = folded(text).translate(SEPARATORS).split()
        return tuple(entry for searched, entry in self._prepared if all(word in searched for word in words))
