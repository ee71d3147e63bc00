"""Whoever is registered twice counts once."""

import pytest

from edge.exam.review.persons import persons_of
from edge.records.clock import wall
from edge.records.exams.patients import StoredPatient


def patients(*stated):
    return [
        StoredPatient(f"id-{n}", issuer, identifier, name, birth, None, wall(), "", 1)
        for n, (issuer, identifier, name, birth) in enumerate(stated)
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("site", "P-1", "Abebe Kebede", None), ("Site ", "p-1", "A. Kebede", None)),
        (("site", "P-1", "Abebe Kebede", "1981"), ("break-glass/s1", "X", "KEBEDE,  abebe", "1985-03")),
        (("site", "P-1", "Aïssatou", None), ("site", "P-2", "Ai\u0308ssatou", None)),
    ],
)
def test_one_identifier_or_one_name_is_one_person(one, other):
    assert set(persons_of(patients(one, other)).values()) == {"id-0"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("site", "P-1", "Abebe Kebede", None), ("Gondar", "P-1", "Sara Haile", None)),
        (("site", "P-1", "", None), ("site", "P-2", "", None)),
    ],
)
def test_others_are_persons_of_their_own(one, other):
    assert set(persons_of(patients(one, other)).values()) == {"id-0", "id-1"}


def test_persons_that_a_third_patient_connects_are_one():
    chain = patients(
        ("site", "P-1", "Abebe", None), ("site", "P-2", "Sara", None), ("site", "P-3", "Lea", None), ("SITE", "p-2", "abebe", None)
    )
    assert sorted(set(persons_of(chain).values())) == ["id-0", "id-2"]
