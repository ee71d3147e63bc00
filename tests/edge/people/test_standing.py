"""Who is qualified, by the ledger, the counted exams and a time that never goes back."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.people.policy import Thresholds
from edge.people.standing import Kind, standing
from edge.records.people.credentials import Counted, Event

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
WANTED = Thresholds(supervised_exams=25)


def event(kind, days=0, *, valid_from=None, valid_to=None, score=None):
    at = NOON + days * DAY
    return Event("id", "operator", "blue-6", kind.value, at, "Supervisor (s-1)", valid_from, valid_to, score, (), "", "")


COURSE, ASSESSED = event(Kind.COURSE), event(Kind.ASSESSMENT, score=18)
SIGNED = event(Kind.SIGN_OFF, valid_to=NOON + 730 * DAY)
ALL = (COURSE, ASSESSED, SIGNED)
ENOUGH = Counted(25, NOON)


def test_an_operator_with_everything_is_qualified_until_they_stop_scanning():
    found = standing(ALL, ENOUGH, WANTED, NOON + DAY)
    assert (found.qualified, found.missing) == (True, ())
    assert found.expires_at == NOON + 180 * DAY


@pytest.mark.parametrize(
    ("events", "counted", "why"),
    [
        ((ASSESSED, SIGNED), ENOUGH, "No course"),
        ((COURSE, SIGNED), ENOUGH, "No assessment"),
        ((COURSE, ASSESSED), ENOUGH, "No supervisor's sign-off"),
        (ALL, Counted(24, NOON), "24 of 25 supervised exams"),
        ((*ALL, event(Kind.SUSPENDED, 1)), ENOUGH, "Suspended by Supervisor (s-1) since 2026-11-26"),
        ((event(Kind.COURSE, valid_to=NOON + DAY), ASSESSED, SIGNED), ENOUGH, "The course expired on 2026-11-26"),
        ((COURSE, ASSESSED, event(Kind.SIGN_OFF, valid_from=NOON + 9 * DAY)), ENOUGH, "is valid from 2026-12-04"),
        ((COURSE, event(Kind.ASSESSMENT), SIGNED), ENOUGH, "No assessment"),
    ],
)
def test_everything_that_is_missing_is_stated(events, counted, why):
    found = standing(events, counted, WANTED, NOON + 2 * DAY)
    assert not found.qualified
    assert [sentence for sentence in found.missing if why in sentence]


def test_a_site_can_set_a_pass_mark():
    wanted = WANTED.model_copy(update={"assessment_least": 20})
    assert "18 points; 20 are needed" in standing(ALL, ENOUGH, wanted, NOON).missing[0]
    assert standing((*ALL, event(Kind.ASSESSMENT, 1, score=20)), ENOUGH, wanted, NOON + DAY).qualified


def test_a_suspension_ends_when_a_supervisor_ends_it():
    events = (*ALL, event(Kind.SUSPENDED, 1), event(Kind.RESTORED, 2))
    assert standing(events, ENOUGH, WANTED, NOON + 3 * DAY).qualified


def test_a_qualification_expires_by_date_and_by_inactivity():
    scanning = replace(ENOUGH, latest=NOON + 700 * DAY)
    assert standing(ALL, scanning, WANTED, NOON + 729 * DAY).qualified
    assert standing(ALL, scanning, WANTED, NOON + 730 * DAY).missing == ("The supervisor's sign-off expired on 2028-11-24",)
    assert standing(ALL, ENOUGH, WANTED, NOON + 180 * DAY).missing == ("No exam for 180 days",)


@given(st.lists(st.sampled_from(Kind), max_size=8), st.integers(0, 40), st.integers(0, 2000), st.integers(0, 2000))
def test_an_expired_qualification_does_not_come_back_with_time(kinds, exams, first, more):
    events = [
        event(kind, days, valid_to=NOON + 500 * DAY if kind in {Kind.COURSE, Kind.SIGN_OFF} else None, score=15)
        for days, kind in enumerate(kinds)
    ]
    earlier, later = NOON + (first + 10) * DAY, NOON + (first + 10 + more) * DAY
    if standing(events, Counted(exams, NOON), WANTED, later).qualified:
        assert standing(events, Counted(exams, NOON), WANTED, earlier).qualified


@given(st.integers(0, 60))
def test_the_standing_states_when_it_expires(days):
    found = standing(ALL, ENOUGH, WANTED, NOON + days * DAY)
    assert found.expires_at is not None
    assert standing(ALL, ENOUGH, WANTED, found.expires_at - timedelta(microseconds=1)).qualified
    assert not standing(ALL, ENOUGH, WANTED, found.expires_at).qualified
