"""Whatever was collected, a card has no NaN, and tells of nobody else."""

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.feedback.charts.skill import DEFAULT
from edge.feedback.people.columns import PersonFound, Trial
from edge.feedback.people.judge import cards
from edge.feedback.people.pace import LEAST
from tests.edge.feedback.people.test_curve import BEGAN

NAMES = ("ann", "ben", "cleo", "dan", "eve", "fay")
PATIENT = st.integers(0, 7)
NUMBER = st.sampled_from([0.0, 1.0, math.nan])
SIDE = st.lists(st.tuples(PATIENT, st.sampled_from(["b_lines", "a_lines"]), st.booleans(), st.booleans()), max_size=12)
SCORES = st.lists(st.tuples(PATIENT, st.integers(0, 3), st.integers(0, 3)), max_size=12)
TRUST = st.lists(st.tuples(PATIENT, NUMBER, NUMBER), max_size=12)
PACE = st.lists(st.tuples(st.floats(0.2, 120), st.floats(0, 100)), max_size=8)


@st.composite
def person(draw):
    found = PersonFound()
    for side in (found.operator, found.reader):
        for patient, finding, has, stated in draw(SIDE):
            side.add(patient, finding, has=has, stated=stated)
            side.trials["blue-6", finding].append(Trial(f"exam {patient // 3}", BEGAN, "L1", has is not stated))
            side.untold["blue-6", draw(st.sampled_from(["b_lines", "rare"]))] += 1
            side.exams += 1
        for patient, mine, theirs in draw(SCORES):
            side.scores.add(patient, mine, theirs)
        for exam in range(draw(st.integers(0, 3))):
            side.trials["blue-6", None].append(Trial(f"exam {exam}", BEGAN, None, draw(st.booleans())))
        side.exams = side.exams or draw(st.integers(0, 1))
    for row in draw(TRUST):
        found.trust.add(*row)
    for minutes, quality in draw(PACE):
        pace = found.paces["blue-6"]
        pace.exams += 1
        pace.quality.append(quality)
        if minutes > 1:
            pace.minutes.append(minutes)
        else:
            pace.untimed += 1
    return found


def refuse(constant):
    raise AssertionError(constant)


@given(st.dictionaries(st.sampled_from(NAMES), person(), max_size=len(NAMES)))
@settings(max_examples=25, deadline=None)
def test_there_is_no_nan_and_nobody_else(persons):
    for name, card in cards(persons, frozenset(NAMES), list(range(8)), DEFAULT).items():
        text = card.model_dump_json()
        json.loads(text, parse_constant=refuse)
        assert "NaN" not in text
        assert not any(f'"{other}"' in text for other in NAMES if other != name)


def busy(exams, minutes):
    found = PersonFound()
    pace = found.paces["blue-6"]
    pace.exams = exams
    pace.minutes.extend([minutes] * exams)
    pace.quality.extend([80.0] * exams)
    return found


def test_the_band_of_the_site_needs_enough_people_with_enough_exams():
    def band(persons):
        made = cards(persons, frozenset({"ann"}), [], DEFAULT)
        return made["ann"].paces[0].site_minutes

    enough = {name: busy(LEAST, 4.0 + number) for number, name in enumerate(NAMES[:LEAST])}
    assert band(enough | {"eve": busy(LEAST - 1, 8.0)}) is None
    found = band(enough)
    assert (found.low, found.median, found.high) == (5.0, 6.0, 7.0)


def test_a_person_without_anything_over_read_has_no_sides():
    (card,) = cards({"ann": busy(1, 3.0)}, frozenset({"ann"}), [], DEFAULT).values()
    assert (card.operator, card.reader, card.trust) == (None, None, None)
    assert (card.paces[0].minutes.low, card.paces[0].minutes.high) == (3.0, 3.0)
