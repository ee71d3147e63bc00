"""One visit, as messages state it in whatever order they come: of each field the newest statement holds, whenever it arrives."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from edge.exchange.encounters.adt import Change
from edge.exchange.encounters.adt_fields import Stated
from edge.exchange.encounters.encounter import Encounter

STAYS: Mapping[str, timedelta] = MappingProxyType(
    {
        "outpatient": timedelta(days=3),
        "emergency": timedelta(days=7),
        "planned": timedelta(days=30),
        "inpatient": timedelta(days=365),
        "": timedelta(days=365),
    }
)
"""By kind, how long a visit counts as open after its last message: many hospitals never state that an outpatient left."""
ENDED_STAYS = timedelta(days=30)
"""How long what ended is remembered: the longest time for which a message can be late."""
MOST_SEEN = 16
"""Messages of one visit that are remembered to know a repetition."""
PERSON = frozenset(("patient_id", "issuer", "name", "birth_date", "sex"))
"""The fields of an encounter that state its patient."""
OPEN = "open"

Patient = tuple[str, str]
"""By ID and issuer."""


@dataclass(frozen=True, slots=True)
class Visit:
    """`times` are when each field was stated, and under `OPEN` when the visit began or ended last. `doubts` are problems by field.

    `received` is by the clock of this board. `seen` are messages by control ID and time. `others` are patients that were stated of it as
    well, and when.
    """

    encounter: Encounter
    received: datetime
    open: bool = True
    times: Mapping[str, datetime] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)
    others: tuple[tuple[Patient, datetime], ...] = ()
    seen: tuple[tuple[str, datetime], ...] = ()

    @property
    def patient(self) -> Patient:
        return self.encounter.patient_id, self.encounter.issuer

    @property
    def problems(self) -> tuple[str, ...]:
        """Those that the visit has by itself."""
        moved = any(not same_patient(other, self.patient) for other, _ in self.others)
        return tuple(dict.fromkeys((*self.encounter.problems, *self.doubts.values(), *["same-admission"] * moved)))

    def newest(self) -> datetime:
        """When something was stated of it last."""
        return max(self.times.values(), default=self.received)

    def lasts(self, now: datetime) -> bool:
        """Whether it counts as open."""
        return self.open and now - self.received <= STAYS[self.encounter.kind]

    def remembered(self, now: datetime) -> bool:
        """Whether a late message may be about it."""
        return self.lasts(now) or now - self.received <= ENDED_STAYS

    def with_person(self, stated: Stated, at: datetime) -> "Visit":
        """With what was stated of its patient at that time; the same visit where all of it was known."""
        return _newer(self, stated, at, PERSON)


def begun(change: Change, now: datetime) -> Visit:
    """A visit of which nothing was known."""
    return continued(Visit(Encounter(), now), change, now)


def continued(visit: Visit, change: Change, now: datetime) -> Visit:
    """The visit after a change; the same visit where it changes nothing."""
    message = change.control_id, change.at
    if message in visit.seen:
        return visit
    patient, known = (
        patient_of(change.stated),
        patient_of(Stated({"patient_id": visit.patient[0], "issuer": visit.patient[1]}, visit.doubts)),
    )
    other = patient is not None and known is not None and not same_patient(patient, known)
    since = visit.times.get(OPEN, change.at)
    uses_again = other and change.effect == "open" and change.event != "A13" and not visit.open and change.at >= since
    if uses_again:  # the number is that of another visit now
        return begun(change, now)
    after = _newer(visit, change.stated, change.at, change.stated.values.keys())
    if other and patient is not None and known is not None:
        older = (known, visit.times["patient_id"]) if after.patient != visit.patient else (patient, change.at)
        after = replace(after, others=tuple(dict.fromkeys((*visit.others, older))))
    if (opens := _opens(change)) is not None and change.at >= since:
        after = replace(after, open=opens, times={**after.times, OPEN: change.at})
    return after if after == visit else replace(after, received=now, seen=(*visit.seen, message)[-MOST_SEEN:])


def merged(visit: Visit, ending: Patient, going_on: Stated, at: datetime) -> Visit:
    """The visit after the record of a patient ended in that of another; the same visit where it is none of that patient."""
    into = going_on.values["patient_id"], going_on.values["issuer"]
    others = tuple((into if same_patient(each, ending) and stated <= at else each, stated) for each, stated in visit.others)
    mine = same_patient(visit.patient, ending) and visit.times.get("patient_id", at) <= at
    known = visit if others == visit.others else replace(visit, others=others)
    return known.with_person(going_on, at) if mine else known


def patient_of(stated: Stated) -> Patient | None:
    """Whom a statement names for certain."""
    found = stated.values.get("patient_id", "")
    certain = found.strip() and "\\" not in found and "patient_id" not in stated.doubts
    return (found, stated.values.get("issuer", "")) if certain else None


def same_patient(one: Patient, other: Patient) -> bool:
    """An issuer that is not stated contradicts nothing."""
    return one[0] == other[0] and (one[1] == other[1] or not (one[1] and other[1]))


def _opens(change: Change) -> bool | None:
    """Whether the visit is open after the event; None where the event does not state it."""
    if change.effect == "close" or (change.discharged and change.event != "A13"):
        return False
    return True if change.effect == "open" else None


def _newer(visit: Visit, stated: Stated, at: datetime, names: Set[str] | Iterable[str]) -> Visit:
    values = {name: value for name, value in stated.values.items() if name in names and at >= visit.times.get(name, at)}
    doubts = {name: problem for name, problem in visit.doubts.items() if name not in values}
    doubts |= {name: problem for name, problem in stated.doubts.items() if name in values}
    times = {**visit.times, **dict.fromkeys(values, at)}
    if times == visit.times and doubts == visit.doubts and all(getattr(visit.encounter, name) == value for name, value in values.items()):
        return visit
    return replace(visit, encounter=replace(visit.encounter, **values, problems=visit.encounter.problems), times=times, doubts=doubts)
