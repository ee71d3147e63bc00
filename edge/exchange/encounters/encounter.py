"""An encounter as the hospital states it: a patient, the admission and the place. One with a problem is quarantined, as in a worklist."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from edge.exchange.person_problems import LONGEST_ID, PERSON_PROBLEMS, all_problems, own_problems

Kind = Literal["", "inpatient", "outpatient", "emergency", "planned"]

PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        **PERSON_PROBLEMS,
        "no-admission": "it has no admission ID",
        "several-admissions": "it has several admission IDs",
        "long-admission": f"its admission ID has more than {LONGEST_ID} characters",
        "no-patient": "the answer does not have its patient",
        "same-admission": "another entry has the same admission ID for another patient",
    }
)
"""By their codes."""


@dataclass(frozen=True, slots=True)
class Encounter:
    r"""`name` is a DICOM PN, `birth_date` YYYYMMDD or its beginning, `sex` M, F or O; what is not stated is empty.

    `kind` is one of `Kind`, and `place` what the hospital calls the ward, room and bed. `since` is YYYYMMDD[HHMM[SS]] by the clock of the
    hospital. Bytes that cannot be decoded are written as `\xC3`. `problems` are codes of `PROBLEMS`.
    """

    admission_id: str = ""
    patient_id: str = ""
    issuer: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""
    place: str = ""
    since: str = ""
    kind: str = ""
    problems: tuple[str, ...] = ()

    @property
    def quarantined(self) -> bool:
        return bool(self.problems)

    @property
    def searched(self) -> str:
        """What a person types or scans to find it."""
        return f"{self.name}\n{self.patient_id}\n{self.admission_id}\n{self.place}"

    @property
    def reasons(self) -> tuple[str, ...]:
        """The problems in words."""
        return tuple(PROBLEMS.get(each, each) for each in self.problems)


def judged(encounters: Iterable[Encounter]) -> tuple[Encounter, ...]:
    """The open encounters in their order, each with its problems."""
    every = tuple(encounters)
    problems = all_problems(every, _own, lambda each: each.admission_id, "same-admission")
    return tuple(replace(each, problems=found) for each, found in zip(every, problems, strict=True))


def _own(encounter: Encounter) -> Iterable[str]:
    if "unreadable" in encounter.problems:
        return
    if "no-patient" not in encounter.problems:
        yield from own_problems(encounter)
    certain = "characters" not in encounter.problems
    checks = {
        "no-admission": not encounter.admission_id.strip(),
        "several-admissions": "\\" in encounter.admission_id and certain,
        "long-admission": len(encounter.admission_id) > LONGEST_ID,
    }
    yield from (problem for problem, holds in checks.items() if holds and problem not in encounter.problems)
