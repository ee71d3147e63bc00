"""What people are called: any script, one line, and no character that is unseen or turns the ones beside it around."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

LONGEST = 120
REFUSED = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control characters and NUL, halves of pairs, private and unassigned ones, line separators (Unicode general categories)."""
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Marks that change the order in which text is shown (UAX 9): a name could be shown as another's."""


def plain(said: str) -> str:
    """The same in NFC, without space around it.

    Raises:
        ValueError: it holds a character that is not shown, or nothing at all.
    """
    for character in said:
        if character in TURNING or unicodedata.category(character) in REFUSED:
            raise ValueError(f"the character U+{ord(character):04X} is not shown, and is refused")
    if not (told := unicodedata.normalize("NFC", said).strip()):
        raise ValueError("it is empty")
    return told


Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST), AfterValidator(plain)]
Badge = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(plain)]
