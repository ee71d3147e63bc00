"""Which entries of a worklist can be used."""

from dataclasses import replace

import pytest

from edge.exchange.worklist.entry import PROBLEMS, WorklistEntry, judged

GOOD = WorklistEntry(patient_id="P-1", name="Diallo^Aïssatou", birth_date="19810302", sex="F", accession="A-1", study_uid="2.25.1")


def problems(*entries):
    return [each.problems for each in judged(entries)]


def test_a_good_entry_stays_as_it_is() -> None:
    assert judged([GOOD]) == (GOOD,)
    assert not GOOD.quarantined


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"patient_id": ""}, "no-id"),
        ({"patient_id": "  "}, "no-id"),
        ({"patient_id": "A\\B"}, "several-ids"),
        ({"name": "Diallo\\Sow"}, "several-names"),
        ({"accession": "A-1\\A-2"}, "several-accessions"),
        ({"patient_id": "x" * 65}, "long-id"),
        ({"accession": "x" * 17}, "long-accession"),
        ({"study_uid": ""}, "no-study"),
        ({"study_uid": "2.25." + "1" * 60}, "no-study"),
        ({"study_uid": "2.025"}, "no-study"),
        ({"study_uid": "study-1"}, "no-study"),
    ],
)
def test_an_entry_that_cannot_be_used_is_quarantined_with_its_reason(change, problem) -> None:
    (found,) = judged([replace(GOOD, **change)])
    assert found.problems == (problem,)
    assert found.reasons == (PROBLEMS[problem],)
    assert replace(found, problems=()) == replace(GOOD, **change)


@pytest.mark.parametrize("change", [{"name": "Other^Person"}, {"birth_date": "19990101"}, {"sex": "M"}])
def test_two_people_with_one_id_are_both_quarantined(change) -> None:
    other = replace(GOOD, study_uid="2.25.2", **change)
    third = replace(GOOD, patient_id="P-3", study_uid="2.25.3")
    assert problems(GOOD, other, third) == [("same-id",), ("same-id",), ()]


def test_two_steps_of_one_person_are_no_problem() -> None:
    again = replace(GOOD, study_uid="2.25.2", name="DIALLO^Aïssatou^^", birth_date="")
    assert problems(GOOD, again) == [(), ()]


def test_one_id_of_two_issuers_is_no_problem() -> None:
    assert problems(GOOD, replace(GOOD, name="Other", issuer="H2", study_uid="2.25.2")) == [(), ()]


def test_one_study_of_two_patients_is_a_problem_of_both() -> None:
    assert problems(GOOD, replace(GOOD, patient_id="P-2")) == [("same-study",), ("same-study",)]


def test_an_undecodable_entry_has_that_problem_alone() -> None:
    assert problems(WorklistEntry(problems=("unreadable",))) == [("unreadable",)]
