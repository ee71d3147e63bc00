"""Pseudonyms from a secret key: the same patient, date and UID give the same result in each export of a site, and nobody else can tell."""

import base64
import hmac
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydicom.config import IGNORE
from pydicom.uid import UID

MOST_DAYS = 30
"""Dates move back by 1 to this many days; a date after today would be refused by other programs."""
OLDEST_YEARS = 89
"""Older people are few enough to be recognised: 45 CFR 164.514(b)(2)(i)(C) joins them in one group."""
AGE = re.compile(r"([0-9]{3})([DWMY])")
DATE_TIME = re.compile(r"([0-9]{8})((?:[0-9]{2}){0,3}(?:\.[0-9]{1,6})?(?:[+-][0-9]{4})?)")


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Of one patient, whom `patient` identifies for the site; `key` is the secret of the site."""

    key: bytes = field(repr=False)
    patient: str

    @property
    def name(self) -> str:
        """The patient's name and identifier: 60 bits of the keyed hash."""
        return "SE-" + base64.b32encode(self._hash("patient", self.patient))[:12].decode()

    @property
    def days(self) -> int:
        """By so many days each date of this patient moves, -30 to -1: the time between two exams stays."""
        return -1 - int.from_bytes(self._hash("days", self.patient), "big") % MOST_DAYS

    def uid(self, uid: str) -> str:
        """The new UID of an object; those that DICOM itself defines (PS3.6 A), such as that of a class, stay."""
        if UID(uid, IGNORE).name != uid:
            return uid
        return f"2.25.{uuid.UUID(bytes=self._hash('uid', uid)[:16], version=4).int}"

    def moved(self, text: str) -> str | None:
        """A date, or a date with a time (DA, DT), moved; None where it is no whole date."""
        match = DATE_TIME.fullmatch(text)
        if match is None:
            return None
        try:
            return (datetime.strptime(match[1], "%Y%m%d") + timedelta(days=self.days)).strftime("%Y%m%d").zfill(8) + match[2]
        except (ValueError, OverflowError):
            return None

    def _hash(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self.key, f"{purpose}/{text}".encode(), "sha256")


def capped_age(text: str) -> str | None:
    """An age (AS); everyone above `OLDEST_YEARS` is one year older than that. None where it is no age."""
    match = AGE.fullmatch(text)
    if match is None:
        return None
    return f"{min(int(match[1]), OLDEST_YEARS + 1):03d}Y" if match[2] == "Y" else text


def age_of(birth: str, exam: str) -> str | None:
    """The capped age (AS) at an exam, from two whole dates (DA): in months below two years. None where one of them is no date."""
    try:
        born, day = (datetime.strptime(text, "%Y%m%d") for text in (birth, exam))
    except ValueError:
        return None
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    return None if months < 0 else f"{months:03d}M" if months < 24 else f"{min(months // 12, OLDEST_YEARS + 1):03d}Y"
