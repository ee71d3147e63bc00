"""Bands and ages: whole numbers, their limits, and what is unknown."""

from datetime import datetime, timezone

import pytest

from edge.feedback.performance.strata import AGES, QUALITIES, UNKNOWN, age_at, band

DAY = datetime(2026, 3, 2, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0-4"), (4, "0-4"), (5, "5-17"), (17.9, "5-17"), (65, "65-130"), (None, UNKNOWN), (-1, UNKNOWN), (131, UNKNOWN)],
)
def test_an_age_has_one_band(value, expected):
    assert band(value, AGES) == expected


def test_the_best_quality_is_in_the_last_band():
    assert [band(value, QUALITIES) for value in (0, 49.9, 50, 100)] == ["0-49", "0-49", "50-74", "75-100"]


@pytest.mark.parametrize(
    ("born", "years"), [("1981-03-02", 45), ("1981-03-03", 44), ("1981-03", 45), ("1981", 45), ("2026-03-02", 0), (None, None), ("", None)]
)
def test_an_age_is_in_completed_years(born, years):
    assert age_at(born, DAY) == years
