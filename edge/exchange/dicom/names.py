"""Names, dates and texts as DICOM holds them. Nothing is guessed, and nothing is lost: what an attribute cannot hold goes to a comment.

The records have one name in free text. It goes whole into the first component (family name) of the first component group, in whatever
script it is: which word of a name is the family's differs between cultures, and most viewers show the first group only.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Final

from edge.exchange.names import IN_NAME

MOST_IN_NAME, MOST_IN_LO, MOST_IN_SH, MOST_IN_ST, MOST_IN_LT = 64, 64, 16, 1024, 10240
"""Characters of a component group of a name (PN), of a long and a short string, and of a short and a long text (PS3.5 6.2)."""
UTF8: Final = "ISO_IR 192"
_SEPARATOR = str.maketrans({"\\": "＼"})
_AFTER_FAMILY: Final = "^"
MONTH_DAYS = 30.4375
"""A twelfth of a Julian year."""
SEXES = {"female": "F", "male": "M", "other": "O"}
"""By FHIR's administrative gender; an unknown sex is empty (PS3.3 C.7.1.1)."""


def person_name(name: str) -> str:
    """The family name component of a PN; of a name that is too long its beginning, see `whole_name`."""
    plain, most = _one_line(name).translate(IN_NAME), MOST_IN_NAME - len(_AFTER_FAMILY)
    if len(plain) <= most:
        return plain
    end = plain.rfind(" ", 1, most + 1)
    return _without_torn_end(plain, end if end > 0 else most).strip()


def family_only(name: str) -> str:
    """The value of a PN: the delimiter after the component tells it from the free form of the standard before DICOM."""
    return f"{family}{_AFTER_FAMILY}" if (family := person_name(name)) else ""


def whole_name(name: str) -> str:
    """A name that `person_name` cannot hold exactly, for a comment; empty where it can."""
    return "" if person_name(name) == name.strip() else name


def birth_date(stated: str | None) -> str:
    """The value of a DA, of a birth date with its day only: a day or a month is never invented."""
    return stated.replace("-", "") if stated and len(stated) == len("YYYY-MM-DD") else ""


def part_of_birth_date(stated: str | None) -> str:
    """A birth date without its day, for a comment; empty where `birth_date` holds it."""
    return stated if stated and not birth_date(stated) else ""


def age_at(stated: str | None, day: date) -> str:
    """The value of an AS, in whole years, months or days, from a birth date with its day; empty without one."""
    if not birth_date(stated):
        return ""
    born = date.fromisoformat(str(stated))
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    return _age(months // 12, months, (day - born).days)


def age_of_years(years: float) -> str:
    """The value of an AS of a stated age."""
    return _age(int(years), int(years * 12), int(years * 12 * MONTH_DAYS))


def _age(years: int, months: int, days: int) -> str:
    for count, unit, least in ((years, "Y", 2), (months, "M", 1)):
        if count >= least:
            return f"{count:03d}{unit}"
    return f"{max(0, days):03d}D"


def long_string(text: str, most: int = MOST_IN_LO) -> str:
    """The value of an LO, or of another string of one line, cut where it is longer than `most` characters."""
    return _without_torn_end(_one_line(text).translate(_SEPARATOR), most).strip()


def text_of(lines: Iterable[str]) -> str:
    """The value of an LT: the lines that are not empty."""
    return "\r\n".join(filter(None, (line.strip() for line in lines)))[:MOST_IN_LT]


def character_set(*texts: str) -> str:
    """The Specific Character Set that holds these texts; empty where the default one does, which is ASCII.

    A text with a delimiter needs more than ASCII, because the functions above may send it in full width.
    """
    return "" if all(text.translate(IN_NAME).isascii() for text in texts) else UTF8


def _one_line(text: str) -> str:
    return "".join(" " if unicodedata.category(each) == "Cc" else each for each in text).strip()


def _without_torn_end(text: str, most: int) -> str:
    """At most `most` characters, without a mark that loses its letter."""
    if len(text) <= most:
        return text
    while most > 1 and unicodedata.category(text[most])[0] == "M":
        most -= 1
    return text[:most]
