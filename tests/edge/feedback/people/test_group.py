"""All readers of a site together: enough of them, blind, and without names."""

import json

import pytest

from edge.feedback.agreement import LEAST
from edge.feedback.statistics.figure import Figure, NoFigure, Why
from edge.people.permission import Role

VERDICTS = (
    ("present", "present"),
    ("absent", "absent"),
    ("present", "absent"),
    ("absent", "present"),
    ("present", "present"),
    ("absent", "absent"),
)


def read_by_pairs(clinic, readers):
    """Each reader once first, and the next one over; the scores are 2 and 0."""
    for number, (one, other) in enumerate(VERDICTS):
        exam_id = clinic.one("unsure")
        first, second = readers[number % len(readers)], readers[(number + 1) % len(readers)]
        clinic.over_read(exam_id, one, by=first, kind="first", score=2 if one == "present" else 0)
        clinic.over_read(exam_id, other, by=second, score=2 if other == "present" else 0)


@pytest.fixture
def readers(clinic):
    return [clinic.person(f"Reader {number}", Role.INTERPRET) for number in range(LEAST)]


def test_fleiss_is_that_of_the_pairs(clinic, readers):
    read_by_pairs(clinic, readers)
    group = clinic.cards().group
    assert group.readers == LEAST
    fleiss = next(each for each in group.findings if each.finding == "b_lines").fleiss
    assert isinstance(fleiss, Figure)
    assert fleiss.value == pytest.approx((4 / 6 - 0.5) / 0.5)  # they agree in 4 of 6; half of the answers are "present"
    assert isinstance(group.scores, Figure)
    assert group.icc == NoFigure(Why.GAPS)  # nobody read everything


def test_no_reader_is_named(clinic, readers):
    read_by_pairs(clinic, readers)
    text = json.dumps(clinic.cards().group.model_dump(mode="json"))
    assert not any(reader.operator_id in text or reader.name in text for reader in readers)


def test_of_few_readers_there_is_nothing(clinic, readers):
    read_by_pairs(clinic, readers[: LEAST - 1])
    assert clinic.cards().group is None


def test_who_sees_the_answers_does_not_count(clinic, readers):
    read_by_pairs(clinic, readers)
    seeing = clinic.one("present")
    clinic.over_read(seeing, "present", by=clinic.sara, kind="first")  # she took it, with the live readings in view
    clinic.over_read(seeing, "present", by=readers[0])
    group = clinic.cards().group
    assert next(each for each in group.findings if each.finding == "b_lines").alpha.cases == len(VERDICTS)
