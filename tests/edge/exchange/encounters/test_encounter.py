"""Which encounters can be used: the rules of the worklist, and those of an admission."""

from dataclasses import replace

import pytest

from edge.exchange.encounters.encounter import PROBLEMS, Encounter, judged

GOOD = Encounter("V-1", "P-1", "HOSP", "Diallo^Aïssatou", "19810302", "F", "W3 / 12 / A", "20261129", "inpatient")


def problems(*encounters):
    return [each.problems for each in judged(encounters)]


def test_a_good_encounter_stays_as_it_is() -> None:
    assert judged([GOOD]) == (GOOD,)
    assert not GOOD.quarantined


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"patient_id": " "}, "no-id"),
        ({"patient_id": "A\\B"}, "several-ids"),
        ({"patient_id": "x" * 65}, "long-id"),
        ({"name": "Diallo\\Sow"}, "several-names"),
        ({"admission_id": ""}, "no-admission"),
        ({"admission_id": "V-1\\V-2"}, "several-admissions"),
        ({"admission_id": "x" * 65}, "long-admission"),
    ],
)
def test_one_that_cannot_be_used_is_quarantined_with_its_reason(change, problem) -> None:
    (found,) = judged([replace(GOOD, **change)])
    assert (found.problems, found.reasons) == ((problem,), (PROBLEMS[problem],))


@pytest.mark.parametrize("change", [{"name": "Other^Person"}, {"birth_date": "19990101"}, {"sex": "M"}])
def test_two_people_with_one_id_are_both_quarantined(change) -> None:
    assert problems(GOOD, replace(GOOD, admission_id="V-2", **change)) == [("same-id",), ("same-id",)]


def test_two_visits_of_one_person_are_no_problem() -> None:
    assert problems(GOOD, replace(GOOD, admission_id="V-2", name="DIALLO^Aïssatou^", birth_date="")) == [(), ()]


def test_one_admission_of_two_patients_is_a_problem_of_both() -> None:
    assert problems(GOOD, replace(GOOD, patient_id="P-2")) == [("same-admission",), ("same-admission",)]


def test_what_is_not_readable_has_that_problem_alone_and_what_has_no_patient_no_other_of_the_patient() -> None:
    assert problems(Encounter(problems=("unreadable",))) == [("unreadable",)]
    assert problems(Encounter("V-1", problems=("no-patient",))) == [("no-patient",)]


def test_bytes_that_are_not_decoded_are_no_several_values() -> None:
    assert problems(replace(GOOD, name="Dupr\\xE9", patient_id="\\xE9", problems=("characters",))) == [("characters",)]
