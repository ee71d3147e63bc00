"""Coded entries: what stays is a code that this program or the dictionary of DICOM knows, with the meaning that is written there."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pydicom import Dataset
from pydicom.sr.codedict import Collection

from edge.exchange.codes import EVERY, Code

DICTIONARY = ("DCM", "SCT", "LN", "UCUM")
"""The schemes whose codes are looked up in the dictionary of pydicom."""
LANGUAGES, LANGUAGE = frozenset({"RFC5646", "RFC3066"}), re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
VALUES = ("CodeValue", "LongCodeValue", "URNCodeValue")

Known = Mapping[tuple[str, str], str]
"""The meaning of a code by its scheme and value."""


@lru_cache(maxsize=1)
def _shipped() -> Known:
    public = (concept for scheme in DICTIONARY for concept in Collection(scheme).concepts.values())
    meanings = {(concept.scheme_designator, concept.value): concept.meaning for concept in public}
    return meanings | {(code.scheme, code.value): code.meaning for code in EVERY}


def known_codes(own: Iterable[Code]) -> Known:
    """The codes that may stay: those of the dictionary, those of this program, and `own`, such as those of the zones."""
    return {**_shipped(), **{(code.scheme, code.value): code.meaning for code in own}}


def is_coded(item: Dataset) -> bool:
    """Whether an item of a sequence is a coded entry (PS3.3 8.8)."""
    return any(name in item for name in VALUES)


def coded_entry(item: Dataset, known: Known) -> Dataset | None:
    """The same code without anything else that its item holds; None where it is not known."""
    value, scheme = _text(item, "CodeValue"), _text(item, "CodingSchemeDesignator")
    meaning = known.get((scheme, value))
    if meaning is None and scheme in LANGUAGES and LANGUAGE.fullmatch(value):
        meaning = value
    if meaning is None:
        return None
    entry = Dataset()
    entry.CodeValue, entry.CodingSchemeDesignator, entry.CodeMeaning = value, scheme, meaning[:64]
    return entry


def _text(item: Dataset, name: str) -> str:
    value = item.get(name)
    return value.strip() if isinstance(value, str) else ""
