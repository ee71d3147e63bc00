"""An entry of a worklist exactly as it was scheduled, and the reasons for which one cannot be used.

An entry with a problem is quarantined: it is shown with the reason, no exam begins from it, and it is never joined with another entry.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

LONGEST_ID, LONGEST_ACCESSION = 64, 16
"""Characters of a Patient ID (LO) and of an Accession Number (SH), PS3.5 6.2."""
LONGEST_UID = 64

PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        "unreadable": "the entry cannot be decoded",
        "characters": "it holds characters without a stated character set, or not of the one that it states: they are not guessed",
        "no-id": "it has no patient ID",
        "several-ids": "it has several patient IDs",
        "several-names": "it has several names",
        "several-accessions": "it has several accession numbers",
        "long-id": f"its patient ID has more than {LONGEST_ID} characters",
        "long-accession": f"its accession number has more than {LONGEST_ACCESSION} characters",
        "no-study": "it has no valid Study Instance UID",
        "same-id": "another entry has the same patient ID for another person",
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
    def reasons(self) -> tuple[str, ...]:
        """The problems in words."""
        return tuple(PROBLEMS.get(each, each) for each in self.problems)


def judged(entries: Iterable[WorklistEntry]) -> tuple[WorklistEntry, ...]:
    """The entries of one answer in their order, each with its problems."""
    alone = [replace(entry, problems=(*entry.problems, *_own(entry))) for entry in entries]
    people = _clashing(alone, lambda each: (each.patient_id, each.issuer), (_name, lambda each: each.birth_date, lambda each: each.sex))
    studies = _clashing(alone, lambda each: (each.study_uid,), (lambda each: each.patient_id, lambda each: each.issuer))
    return tuple(
        replace(entry, problems=(*entry.problems, *["same-id"] * (number in people), *["same-study"] * (number in studies)))
        for number, entry in enumerate(alone)
    )


def _own(entry: WorklistEntry) -> Iterable[str]:
    if "unreadable" in entry.problems:
        return
    certain = "characters" not in entry.problems  # bytes that cannot be decoded are written with a backslash
    checks = {
        "no-id": not entry.patient_id.strip(),
        "several-ids": "\\" in entry.patient_id and certain,
        "several-names": "\\" in entry.name and certain,
        "several-accessions": "\\" in entry.accession and certain,
        "long-id": len(entry.patient_id) > LONGEST_ID,
        "long-accession": len(entry.accession) > LONGEST_ACCESSION,
        "no-study": not _is_uid(entry.study_uid),
    }
    yield from (problem for problem, holds in checks.items() if holds)


def _is_uid(text: str) -> bool:
    """PS3.5 9.1."""
    parts = text.split(".")
    return len(text) <= LONGEST_UID and all(part.isascii() and part.isdigit() and (part == "0" or part[0] != "0") for part in parts)


def _clashing(
    entries: Sequence[WorklistEntry],
    key: Callable[[WorklistEntry], tuple[str, ...]],
    same: Iterable[Callable[[WorklistEntry], str]],
) -> set[int]:
    """The numbers of the entries that share a key, and state different values of something that must be the same."""
    groups = defaultdict(list)
    for number, entry in enumerate(entries):
        if key(entry)[0]:
            groups[key(entry)].append(number)
    return {
        number
        for group in groups.values()
        for value in same
        if len({value(entries[each]) for each in group} - {""}) > 1
        for number in group
    }


def _name(entry: WorklistEntry) -> str:
    """A name to compare: empty components at its end, and case, do not make another person."""
    return unicodedata.normalize("NFC", entry.name).rstrip("^= ").casefold()
