"""Patient context: who is examined and what is known of their state, so that an image is read together with it.

Entries are checked here once, and an error names the wrong character, figure or date: readers of the report would believe a name with
hidden characters, a saturation of 140 %, or a birth in 2090.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from typing_extensions import Self

from edge.records.exams.patients import OWN_ISSUER, Person
from firmware_bridge.errors import InputRefused

EARLIEST_YEAR = 1890
"""No living person was born before this year."""
OLDEST_YEARS = 130
NAME_LENGTH, TEXT_LENGTH, CODE_LENGTH = 256, 1000, 64
"""A DICOM patient's identifier has at most 64 characters (LO, PS3.5 6.2)."""

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that reorder the characters next to them (UAX 9): a name must be read as it was written."""
IN_NAMES = frozenset(" '’.-·・\u200c\u200d")
"""Allowed in names in addition to letters and marks; joiners belong to names in Persian and in scripts of India."""
BIRTH_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


class ContextInvalid(InputRefused):
    """An entry about a patient is not possible."""

    code = "context-invalid"


@dataclass(frozen=True, slots=True)
class Kind:
    """A measurement: its unit in UCUM, and the limits of entry. A value outside them is a typing error."""

    name: str
    unit: str
    least: float
    most: float


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "spo2": Kind("oxygen saturation", "%", 20, 100),
        "respiratory_rate": Kind("respiratory rate", "/min", 0, 150),
        "temperature": Kind("temperature", "Cel", 10, 47),
        "pulse": Kind("pulse", "/min", 0, 350),
    }
)
"""We set the limits wide, because no standard gives limits of entry: no monitor shows values outside them for a living person."""

RECORDED = "recorded"
"""The validation context of a record that is read, in contrast to an entry by a person."""

Known = Literal["yes", "no", "unknown"]
Sex = Literal["female", "male", "other", "unknown"]
"""As in FHIR's administrative gender."""


def _plain(text: str) -> str:
    """The text in NFC, without invisible characters and characters that reorder others."""
    for place, character in enumerate(text, start=1):
        if character in BIDI or (unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") and character not in "\n\t"):
            raise ValueError(f"{_name_of(character)} at place {place} is not allowed in a text")
    return unicodedata.normalize("NFC", text)


def _name(text: str) -> str:
    for place, character in enumerate(text, start=1):
        if unicodedata.category(character)[0] not in "LM" and character not in IN_NAMES:
            raise ValueError(f"{_name_of(character)} at place {place} is not allowed in a name")
    if not any(unicodedata.category(character)[0] == "L" for character in text):
        raise ValueError("a name must have letters")
    return unicodedata.normalize("NFC", text.strip())


def _code(text: str) -> str:
    text = _plain(text).strip()
    if not text or any(character in "\\\n\t" for character in text):
        raise ValueError("an identifier must not be empty, and must not contain a backslash or a line break")
    return text


def _birth_date(text: str) -> str:
    match = BIRTH_DATE.fullmatch(text)
    if match is None:
        raise ValueError("a birth date must be YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part or 1) for part in match.groups())
    if year < EARLIEST_YEAR:
        raise ValueError(f"birth date in {year}: no living person was born before {EARLIEST_YEAR}")
    date(year, month, day)  # raises ValueError where there is no such day
    return text


def _name_of(character: str) -> str:
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'a control character')})"


Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH), AfterValidator(_name)]
Text = Annotated[str, Field(max_length=TEXT_LENGTH), AfterValidator(_plain)]
Code = Annotated[str, Field(min_length=1, max_length=CODE_LENGTH), AfterValidator(_code)]
BirthDate = Annotated[str, Field(max_length=10), AfterValidator(_birth_date)]


class Recorded(BaseModel):
    """Never changes. Keys that only a newer program knows are preserved; the models of entries derive from these and refuse such keys."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Identity(BaseModel):
    """Who a patient is. `issuer` gave the identifier; the same identifier of the same issuer is the same person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    identifier: Code
    issuer: Code = OWN_ISSUER
    name: Name
    birth_date: BirthDate | None = None
    sex: Sex | None = None

    def person(self, now: datetime) -> Person:
        """The person to record.

        Raises:
            ContextInvalid: the birth date is after `now`.
        """
        if self.birth_date is not None and self.birth_date > now.date().isoformat()[: len(self.birth_date)]:
            what, fix = "birth date in {year}: {date} is in the future", "Correct the birth date"
            raise ContextInvalid(what, fix, says="birth_date_future", year=self.birth_date[:4], date=self.birth_date)
        return Person(self.issuer, self.identifier, self.name, self.birth_date, self.sex)


class Measurement(Recorded):
    """A value with its unit (UCUM), its time and its author; the last two are filled in where they are missing."""

    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: Annotated[str, Field(min_length=1, max_length=16)]
    at: AwareDatetime | None = None
    by: Annotated[str, Field(max_length=NAME_LENGTH), AfterValidator(_plain)] = ""


class PatientContext(Recorded):
    """What is known of the patient's state at an exam; the rest is unknown. `age_years` is for a patient without a birth date."""

    age_years: Annotated[float, Field(ge=0, le=OLDEST_YEARS, allow_inf_nan=False)] | None = None
    complaint: Text = ""
    spo2: Measurement | None = None
    respiratory_rate: Measurement | None = None
    temperature: Measurement | None = None
    pulse: Measurement | None = None
    pregnancy: Known = "unknown"
    heart_failure: Known = "unknown"

    @model_validator(mode="after")
    def _plausible(self, info: ValidationInfo) -> Self:
        """A record is trusted: the limits of entry may have changed since."""
        if info.context == RECORDED:
            return self
        for name, stated in self.measurements.items():
            kind = KINDS[name]
            if stated.unit != kind.unit:
                raise ValueError(f"{name}: the unit of {kind.name} is {kind.unit}, not {stated.unit!r}")
            if not kind.least <= stated.value <= kind.most:
                raise ValueError(f"{name}: {stated.value:g} {kind.unit} is not possible; the limits are {kind.least:g} to {kind.most:g}")
        return self

    @property
    def measurements(self) -> Mapping[str, Measurement]:
        """The stated measurements, by name."""
        every = {"spo2": self.spo2, "respiratory_rate": self.respiratory_rate, "temperature": self.temperature, "pulse": self.pulse}
        return {name: stated for name, stated in every.items() if stated is not None}

    def attributed(self, by: str, now: datetime) -> Self:
        """A copy with the author and the time of each measurement.

        Raises:
            ContextInvalid: one was taken after `now`.
        """
        for name, measured in self.measurements.items():
            if measured.at is not None and measured.at > now:
                what = f"{name} was taken at {measured.at.isoformat()}, which is in the future"
                raise ContextInvalid(what, "Correct the time", says="measured_in_future")
        filled = {
            name: measured.model_copy(update={"at": measured.at or now, "by": measured.by or by})
            for name, measured in self.measurements.items()
        }
        return self.model_copy(update=filled)
