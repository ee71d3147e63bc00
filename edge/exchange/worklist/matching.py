"""Finds entries of a worklist by any part of a name, an ID or an accession number, in any script, whatever its case and accents."""

import unicodedata
from collections.abc import Iterable

from edge.exchange.worklist.entry import WorklistEntry

LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
"""Letters that Unicode does not split into a base and an accent."""
SEPARATORS = str.maketrans("^=\\,", "    ")


def folded(text: str) -> str:
    """Text to compare: compatible forms made one, without accents and other marks, in one case."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(each for each in plain if not unicodedata.combining(each)).translate(LETTERS)


class Finder:
    """The entries of a worklist, prepared for many searches."""

    def __init__(self, entries: Iterable[WorklistEntry]) -> None:
        self._prepared = [(_searched(entry), entry) for entry in entries]

    def find(self, text: str) -> tuple[WorklistEntry, ...]:
        """The entries that have each word of `text` in the name, the ID or the accession number; all of them for no word."""
        words = folded(text).translate(SEPARATORS).split()
        return tuple(entry for searched, entry in self._prepared if all(word in searched for word in words))


def _searched(entry: WorklistEntry) -> str:
    return folded(f"{entry.name}\n{entry.patient_id}\n{entry.accession}".translate(SEPARATORS))
