"""An entry of a worklist exactly as it was scheduled, and the reasons for which one cannot be used.

An entry with a problem is quarantined: it is shown with the reason, no exam begins from it, and it is never joined with another entry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from edge.exchange.person_problems import PERSON_PROBLEMS, all_problems, own_problems

LONGEST_ACCESSION = 16
"""Characters of an Accession Number (SH), PS3.5 6.2."""
LONGEST_UID = 64

PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        **PERSON_PROBLEMS,
        "several-accessions": "it has several accession numbers",
        "long-accession": f"its accession number has more than {LONGEST_ACCESSION} characters",
        "no-study": "it has no valid Study Instance UID",
        "same-study": "another entry has the same Study Instance UID for another patient",
    }
)
"""By their codes."""


@dataclass(frozen=True, slots=True)
class WorklistEntry:
    r"""Dates and times are written as DICOM does (YYYYMMDD, HHMMSS); what is not stated is empty. `problems` are codes of `PROBLEMS`.

    Bytes that cannot be decoded are written as `\xC3`.
    """

    patient_id: str = ""
    issuer: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""
    accession: str = ""
    study_uid: str = ""
    requested_id: str = ""
    requested: str = ""
    admission_id: str = ""
    referrer: str = ""
    step_id: str = ""
    step: str = ""
    station: str = ""
    modality: str = ""
    date: str = ""
    time: str = ""
    performer: str = ""
    character_set: str = ""
    problems: tuple[str, ...] = ()

    @property
    def quarantined(self) -> bool:
        return bool(self.problems)

    @property
    def searched(self) -> str:
        """What a person types or scans to find it."""
        return f"{self.name}\n{self.patient_id}\n{self.accession}\n{self.admission_id}"

    @property
    def reasons(self) -> tuple[str, ...]:
        """The problems in words."""
        return tuple(PROBLEMS.get(each, each) for each in self.problems)


def judged(entries: Iterable[WorklistEntry]) -> tuple[WorklistEntry, ...]:
    """The entries of one answer in their order, each with its problems."""
    every = tuple(entries)
    problems = all_problems(every, _own, lambda each: each.study_uid, "same-study")
    return tuple(replace(each, problems=found) for each, found in zip(every, problems, strict=True))


def _own(entry: WorklistEntry) -> Iterable[str]:
    if "unreadable" in entry.problems:
        return
    yield from own_problems(entry)
    certain = "characters" not in entry.problems  # bytes that cannot be decoded are written with a backslash
    checks = {
        "several-accessions": "\\" in entry.accession and certain,
        "long-accession": len(entry.accession) > LONGEST_ACCESSION,
        "no-study": not _is_uid(entry.study_uid),
    }
    yield from (problem for problem, holds in checks.items() if holds)


def _is_uid(text: str) -> bool:
    """PS3.5 9.1."""
    parts = text.split(".")
    return len(text) <= LONGEST_UID and all(part.isascii() and part.isdigit() and (part == "0" or part[0] != "0") for part in parts)
