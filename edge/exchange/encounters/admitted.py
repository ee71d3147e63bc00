"""What an exam takes over from an encounter: the patient and the admission, as the hospital states them. The study is the board's own."""

from edge.exchange.encounters.encounter import Encounter
from edge.exchange.worklist.scheduled import Scheduled, person_of
from edge.records.exams.order import Identified, Order

OWN_STUDY = ""
"""No study UID of the hospital, so that the exam gets one of the board."""


def admitted_of(encounter: Encounter, identified_by: Identified, accession: str = "") -> Scheduled:
    """`accession` is what a person states of the order; an encounter has none."""
    order = Order(accession=accession, admission_id=encounter.admission_id, identified_by=identified_by)
    return Scheduled(OWN_STUDY, order, person_of(encounter))
