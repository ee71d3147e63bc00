"""What an exam takes over from an encounter."""

from edge.exchange.encounters.admitted import admitted_of
from edge.exchange.encounters.encounter import Encounter
from edge.records.exams.order import Order
from edge.records.exams.patients import Person

FOUND = Encounter("V-17", "P 7/1", "HOSP", "አበበ^ሰላማዊት", "19810302", "F", "W3")


def test_patient_and_admission_are_taken_over_and_the_study_is_the_boards_own() -> None:
    taken = admitted_of(FOUND, "scanned", "ACC-1")
    assert taken.study_uid == ""
    assert taken.order == Order(accession="ACC-1", admission_id="V-17", identified_by="scanned")
    assert taken.patient == Person("HOSP", "P 7/1", "አበበ ሰላማዊት", "1981-03-02", "female", "አበበ^ሰላማዊት")


def test_what_is_not_known_stays_so() -> None:
    assert admitted_of(Encounter("V-1", "P-1", birth_date="1981"), "worklist").patient == Person("site", "P-1", "", None, None, "")
