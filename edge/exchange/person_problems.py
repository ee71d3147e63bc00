"""Why what a hospital states of a person cannot be used: the rules that its worklist and its encounters share.

What has a problem is quarantined: it is shown with the reason, no exam begins from it, and it is never joined with anything else.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, TypeVar

LONGEST_ID = 64
"""Characters of a Patient ID and of an Admission ID (LO), PS3.5 6.2."""

PERSON_PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        "unreadable": "the entry cannot be decoded",
        "characters": "it holds characters without a stated character set, or not of the one that it states: they are not guessed",
        "no-id": "it has no patient ID",
        "several-ids": "it has several patient IDs",
        "several-names": "it has several names",
        "long-id": f"its patient ID has more than {LONGEST_ID} characters",
        "same-id": "another entry has the same patient ID for another person",
    }
)
"""By their codes."""


class StatedPerson(Protocol):
    """An entry that names a person, as DICOM writes it; what is not stated is empty."""

    @property
    def patient_id(self) -> str: ...
    @property
    def issuer(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def birth_date(self) -> str: ...
    @property
    def sex(self) -> str: ...
    @property
    def problems(self) -> tuple[str, ...]: ...


Entry = TypeVar("Entry")
Person = TypeVar("Person", bound=StatedPerson)


def own_problems(person: StatedPerson) -> Iterable[str]:
    """The problems of one person alone, without those that it has already."""
    certain = "characters" not in person.problems  # bytes that cannot be decoded are written with a backslash
    checks = {
        "no-id": not person.patient_id.strip(),
        "several-ids": "\\" in person.patient_id and certain,
        "several-names": "\\" in person.name and certain,
        "long-id": len(person.patient_id) > LONGEST_ID,
    }
    yield from (problem for problem, holds in checks.items() if holds and problem not in person.problems)


def of_two_people(people: Sequence[Person]) -> set[int]:
    """The numbers of the entries whose patient ID is that of another person in another entry."""
    values: tuple[Callable[[Person], str], ...] = (_name, lambda each: each.birth_date, lambda each: each.sex)
    return clashing(people, lambda each: (each.patient_id, each.issuer), values)


def all_problems(
    people: Sequence[Person], own: Callable[[Person], Iterable[str]], key: Callable[[Person], str], clash: str
) -> tuple[tuple[str, ...], ...]:
    """The problems of each entry in their order: those that it has, its `own`, and those between entries.

    A patient ID of two people is one of these; another is `clash`, where two patients have one `key`, such as that of a study.
    """
    of_people = of_two_people(people)
    of_key = clashing(people, lambda each: (key(each),), (lambda each: each.patient_id, lambda each: each.issuer))
    return tuple(
        (*each.problems, *own(each), *["same-id"] * (number in of_people), *[clash] * (number in of_key))
        for number, each in enumerate(people)
    )


def clashing(entries: Sequence[Entry], key: Callable[[Entry], tuple[str, ...]], same: Iterable[Callable[[Entry], str]]) -> set[int]:
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


def _name(person: StatedPerson) -> str:
    """A name to compare: empty components at its end, and case, do not make another person."""
    return unicodedata.normalize("NFC", person.name).rstrip("^= ").casefold()
