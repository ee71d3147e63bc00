"""What an exam takes over from an entry of the worklist: the study, the order and the patient, exactly as they were scheduled."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from edge.exchange.dicom.names import SEXES
from edge.exchange.person_problems import StatedPerson
from edge.exchange.worklist.entry import WorklistEntry
from edge.records.exams.context import BIDI
from edge.records.exams.order import Identified, Order
from edge.records.exams.patients import OWN_ISSUER, Person

GENDERS = {sex: gender for gender, sex in SEXES.items()}
"""FHIR's administrative gender by the Patient's Sex of DICOM."""
DELIMITERS = str.maketrans("^=", "  ")
"""Of the components and the component groups of a name (PS3.5 6.2)."""
DATE_LENGTH = len("YYYYMMDD")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What the hospital states; it stands in the place of what a person states of the patient.

    `study_uid` is that of the study that it scheduled, empty for an exam of its patient without one.
    """

    study_uid: str
    order: Order
    patient: Person

    def person(self, _now: datetime) -> Person:
        return self.patient


def scheduled_of(entry: WorklistEntry, identified_by: Identified, admission_id: str = "") -> Scheduled:
    """`admission_id` is what a person states of the admission, and counts where nothing was scheduled of it."""
    order = Order(
        accession=entry.accession,
        requested_id=entry.requested_id,
        requested=entry.requested,
        step_id=entry.step_id,
        step=entry.step,
        admission_id=entry.admission_id or admission_id,
        referrer=entry.referrer,
        identified_by=identified_by,
    )
    return Scheduled(entry.study_uid, order, person_of(entry))


def shown_name(name: str) -> str:
    """A PN as people read it: every component of every group in its order, without characters that reorder others. Nothing is guessed."""
    return " ".join("".join(each for each in name if each not in BIDI).translate(DELIMITERS).split())


def whole_date(scheduled: str) -> str | None:
    """A whole date as YYYY-MM-DD; None for everything else, because no part of a date is guessed."""
    with suppress(ValueError):
        if len(scheduled) == DATE_LENGTH and scheduled.isascii() and scheduled.isdigit():
            return date(int(scheduled[:4]), int(scheduled[4:6]), int(scheduled[6:])).isoformat()
    return None


def person_of(entry: StatedPerson) -> Person:
    """The patient, exactly as the hospital states it."""
    return Person(
        entry.issuer or OWN_ISSUER,
        entry.patient_id,
        shown_name(entry.name),
        whole_date(entry.birth_date),
        GENDERS.get(entry.sex),
        entry.name,
    )
