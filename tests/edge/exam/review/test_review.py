"""A reader's answer: what fits the protocol, and where it departs from what others stated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.review.image_scale import LUNG, SCALES
from edge.exam.review.review import LONGEST_COMMENT, ImageQuality, ReviewAnswer, ReviewRefused, ZoneReading, discordant, fitting, merged

WORDS = ("present", "absent", "not assessable", "unsure")
TOLD = st.dictionaries(st.sampled_from(["L1", "L2"]), st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(WORDS)))
NORMAL = {"b_lines": "absent", "a_lines": "present", "severity_2_plus": "absent"}
GOOD = ImageQuality(scale=LUNG.id, version=LUNG.version, value=4)


def answer(findings=NORMAL, quality=GOOD, **more):
    return ReviewAnswer(zones={"L1": ZoneReading(findings=findings)}, quality=quality, **more)


@pytest.fixture
def exam():
    return Exam.begin(load_catalogue().named("blue-6")).keep()


@given(TOLD, TOLD)
def test_what_differs_is_what_somebody_stated_and_the_reader_says_otherwise(reader, other):
    codes = discordant(reader, other)
    for zone, findings in reader.items():
        for key, stated in findings.items():
            reported = other.get(zone, {}).get(key)
            assert (f"{zone}:{key}" in codes) is (reported in ("present", "absent") and stated != reported)
    assert len(codes) == len(set(codes))


@given(TOLD)
def test_nobody_departs_from_themselves(reported):
    assert discordant(reported, reported) == []


def test_codes_are_reported_once_in_the_order_in_which_they_come():
    assert merged([["L1:b", "L1:a"], ["L1:a", "R1:b"]]) == ["L1:b", "L1:a", "R1:b"]


def test_an_answer_to_every_finding_of_every_recorded_zone_fits(exam):
    assert fitting(answer(), exam) == answer()


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (answer({"b_lines": "absent"}), "not those of the protocol"),
        (answer(quality=ImageQuality(scale="acep", version="1.0.0", value=4)), "no image quality scale acep"),
        (answer(quality=ImageQuality(scale=LUNG.id, version="0.0.9", value=4)), "no image quality scale lung-5 0.0.9"),
        (answer(quality=ImageQuality(scale=LUNG.id, version=LUNG.version, value=6)), "6 is not on the scale"),
    ],
)
def test_what_does_not_fit_is_refused(exam, wrong, what):
    with pytest.raises(ReviewRefused, match=what):
        fitting(wrong, exam)


@pytest.mark.parametrize("more", [{"comment": "x" * (LONGEST_COMMENT + 1)}, {"other": 1}])
def test_an_answer_that_cannot_be_is_not_built(more):
    with pytest.raises(ValidationError):
        answer(**more)


@pytest.mark.parametrize("findings", [{}, {"b_lines": "maybe"}, {"effusion": "absent"}])
def test_a_verdict_that_cannot_be_is_not_built(findings):
    with pytest.raises(ValidationError):
        ZoneReading(findings=findings)


def test_every_scale_has_its_points_in_words_and_says_where_it_comes_from():
    for (scale_id, version), scale in SCALES.items():
        assert (scale.id, scale.version) == (scale_id, version)
        assert list(scale.points) == [1, 2, 3, 4, 5]
        assert all(scale.points.values())
        assert "PMC" in scale.source
