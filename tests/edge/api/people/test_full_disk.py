"""Sessions on a full disk: they end, people read with them, and a refusal stays a refusal."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from edge.api.authorise import COOKIE
from edge.records.errors import RecordsFull

API = "/api/v1"
CURRENT = f"{API}/sessions/current"


@pytest.fixture
def full(view, monkeypatch):
    """The disk takes no record any more."""

    @contextmanager
    def refuse(**_):
        raise RecordsFull("The disk is full", "Free some room")
        yield

    def fill():
        monkeypatch.setattr(view.store, "write", refuse)

    return fill


def test_signing_out_ends_the_session(crew, full):
    browser = crew.sign_in("boss")
    token = browser.cookies[COOKIE]
    full()
    ended = browser.delete(CURRENT)
    assert (ended.status_code, ended.json()["kind"]) == (200, "nobody")
    browser.cookies[COOKIE] = token
    assert browser.get(f"{API}/operators").status_code == 401
    assert browser.get(CURRENT).json()["kind"] == "nobody"


def test_a_stolen_session_ends_for_both(crew, full):
    owner, thief = crew.sign_in("boss"), crew.browser("198.51.100.9")
    thief.cookies[COOKIE] = owner.cookies[COOKIE]
    full()
    assert [browser.get(f"{API}/operators").status_code for browser in (thief, owner)] == [401, 401]


def test_an_expired_session_is_over(crew, view, full):
    browser = crew.sign_in("boss")
    clock = view.store.clock.machine_time
    full()
    view.store.clock.machine_time = lambda: clock() + timedelta(hours=13)
    refused = browser.get(f"{API}/operators")
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:sonoedge:session-over")


def test_people_still_read(crew, view, full):
    browser = crew.sign_in("boss")
    clock = view.store.clock.machine_time
    full()
    view.store.clock.machine_time = lambda: clock() + timedelta(minutes=2)
    assert browser.get(f"{API}/operators").status_code == 200


def test_a_refusal_that_cannot_be_audited_is_still_a_refusal(crew, full):
    crew.enrol("n-1")
    browser = crew.sign_in("n-1")
    full()
    assert browser.get(f"{API}/audit").status_code == 403
