"""How long a session holds: after a pause, a shift, a retirement and a restart, and in an emergency."""

import json
from datetime import timedelta

import pytest

from edge.api.app import create_app
from edge.api.authorise import COOKIE
from edge.exam.protocol.file import load_catalogue

API = "/api/v1"
CURRENT = f"{API}/sessions/current"
PIN = "482915"


def test_an_unused_session_ends_and_looking_does_not_extend_it(crew, later):
    browser = crew.sign_in("boss")
    later(timedelta(minutes=19))
    assert browser.get(f"{API}/operators").status_code == 200
    later(timedelta(minutes=38))
    for polled in ("exams/current", "log"):  # a page does this by itself
        assert browser.get(f"{API}/{polled}").status_code == 200
    later(timedelta(minutes=40))
    refused = browser.get(f"{API}/operators")
    assert refused.status_code == 401
    assert "not used" in refused.json()["detail"]


def test_a_session_ends_after_a_shift_even_if_it_is_used(crew, later):
    browser = crew.sign_in("boss")
    for minutes in range(15, 720, 15):
        later(timedelta(minutes=minutes))
        assert browser.get(f"{API}/operators").status_code == 200
    later(timedelta(minutes=720))
    refused = browser.get(f"{API}/operators")
    assert refused.status_code == 401
    assert "its longest duration" in refused.json()["detail"]


def test_a_clock_that_is_set_back_does_not_make_a_session_longer(crew, view, later):
    browser = crew.sign_in("boss")
    later(timedelta(minutes=21))
    view.store.clock.machine_time = lambda: view.store.latest() - timedelta(days=365)
    assert browser.get(f"{API}/operators").status_code == 401


def test_an_action_that_cannot_be_undone_needs_the_pin_again_after_five_minutes(crew, later):
    browser = crew.sign_in("boss")
    assert browser.get(f"{API}/audit/export").status_code == 200
    later(timedelta(minutes=6))
    refused = browser.get(f"{API}/audit/export")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:sonoedge:pin-needed")
    assert browser.post(f"{CURRENT}/pin", json={"pin": "482916"}).status_code == 401
    assert browser.post(f"{CURRENT}/pin", json={"pin": PIN}).json()["pin_fresh"] is True
    assert browser.get(f"{API}/audit/export").status_code == 200


def test_a_retired_operator_is_signed_out_at_once(crew):
    operator = crew.enrol("n-1", "scan")
    browser = crew.sign_in("n-1")
    assert browser.get(f"{API}/exams").status_code == 200
    gone = crew.admin.patch(f"{API}/operators/{operator}", json={"retired": True}, headers={"If-Match": '"2"'})
    assert gone.json()["retired_at"]
    assert browser.get(f"{API}/exams").status_code == 401
    assert crew.browser().post(f"{API}/sessions", json={"name": "n-1", "pin": PIN}).status_code == 401


def test_counters_and_sessions_survive_a_restart(crew, view, portal):
    from edge.services.people import PeopleService

    crew.enrol("n-1")
    browser = crew.sign_in("boss")
    for _ in range(5):
        crew.browser().post(f"{API}/sessions", json={"name": "n-1", "pin": "111213"})
    view.people = PeopleService(view.store, view.people.policy, view.people._pins, load_catalogue())
    again = type(crew)(view, create_app(view, lambda: b""), portal)
    after = again.browser()
    after.cookies[COOKIE] = browser.cookies[COOKIE]
    assert after.get(f"{API}/operators").status_code == 200
    assert after.post(f"{API}/sessions", json={"name": "n-1", "pin": PIN}, headers=dict(browser.headers)).status_code == 429


def test_break_glass_scans_for_an_hour_is_audited_and_makes_a_notice(crew, later, acts):
    somebody = crew.break_glass()
    begun = somebody.post(f"{API}/exams", json={})
    assert begun.status_code == 201
    assert somebody.get(f"{API}/patients").status_code == 403
    assert somebody.get(f"{API}/audit").status_code == 403
    assert "break-glass.begun" in acts()
    notices = crew.browser().get(f"{API}/notices").json()
    assert "Nobody else is here" in json.dumps(notices)
    later(timedelta(minutes=61))
    assert somebody.post(f"{API}/exams/{begun.json()['id']}/end").status_code == 401


@pytest.mark.parametrize("reason", ["", "\0", "x" * 10_000, None])
def test_break_glass_needs_a_reason(crew, reason):
    assert crew.browser().post(f"{API}/sessions/break-glass", json={"reason": reason}).status_code == 422
