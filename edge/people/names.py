"""Names of people: any script, one line, no invisible character and none that changes the order of the characters next to it."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

LONGEST = 120
REFUSED = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control characters and NUL, single surrogates, private and unassigned characters, line separators (Unicode general categories)."""
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Marks that change the order in which text is shown (UAX 9): one name could look like another."""


def plain(name: str) -> str:
    """The name in Unicode form NFC, without space before and after it.

    Raises:
        ValueError: the name has an invisible character, or is empty.
    """
    for character in name:
        if character in TURNING or unicodedata.category(character) in REFUSED:
            raise ValueError(f"the character U+{ord(character):04X} is invisible and not allowed")
    if not (normal := unicodedata.normalize("NFC", name).strip()):
        raise ValueError("it is empty")
    return normal


Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST), AfterValidator(plain)]
Badge = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(plain)]
