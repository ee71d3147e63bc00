"""Sign-in and sign-out through the API: the limits of a session, and the cost of a guess."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from edge.api.app import create_app
from edge.api.authorise import COOKIE
from edge.exam.protocol.file import load_catalogue
from edge.records.schema import AuditRow
from edge.services.turns import EACH

API = "/api/v1"
CURRENT = f"{API}/sessions/current"
PIN = "482915"


def acts(view):
    with view.store.read() as session:
        return list(session.scalars(select(AuditRow.act).order_by(AuditRow.seq)))


def everything_written(view):
    with view.store.read() as session:
        return " ".join(session.scalars(select(AuditRow.body)))


@pytest.fixture
def later(view):
    """Lets time pass, on the clock and on the machine."""
    sign_in = view.people.sign_in
    ran = sign_in._ran
    clock = view.store.clock.machine_time

    def pass_by(span):
        sign_in._ran = sign_in._strangers._ran = sign_in._guesses._ran = lambda: ran() + span
        view.store.clock.machine_time = lambda: clock() + span

    return pass_by


def test_an_unclaimed_appliance_states_it_and_works(view, client):
    assert client.get(CURRENT).json()["kind"] == "unclaimed"
    assert client.get(f"{API}/exams/current").status_code == 200
    assert client.get(f"{API}/operators").status_code == 401


def test_the_first_administrator_is_enrolled_once(crew):
    again = crew.browser().post(f"{API}/claim", json={"badge": "me", "name": "Me", "pin": PIN})
    assert (again.status_code, again.json()["type"]) == (409, "urn:sonoedge:already-claimed")


def test_the_session_cookie_is_hidden_from_scripts_and_other_sites(crew):
    answer = crew.browser().post(f"{API}/sessions", json={"name": "BOSS", "pin": PIN})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie  # loopback is plain HTTP
    assert PIN not in answer.text


def test_over_tls_the_cookie_stays_on_tls(crew):
    from starlette.testclient import TestClient

    browser = TestClient(crew.app, base_url="https://testserver")
    assert "Secure" in browser.post(f"{API}/sessions", json={"name": "boss", "pin": PIN}).headers["set-cookie"]


def test_a_person_signs_in_by_name_and_signs_out(crew, view):
    browser = crew.sign_in("boss")
    current = browser.get(CURRENT).json()
    assert (current["kind"], current["name"], current["pin_fresh"]) == ("operator", "Boss (boss)", True)
    assert crew.sign_in("bOSs").get(CURRENT).json()["operator_id"] == current["operator_id"]
    token = browser.cookies[COOKIE]
    assert browser.delete(CURRENT).json()["kind"] == "nobody"
    assert browser.get(CURRENT).json()["kind"] == "nobody"
    browser.cookies[COOKIE] = token
    refused = browser.get(f"{API}/operators")
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:sonoedge:session-over")


def test_two_people_with_one_name_sign_in_by_badge_only(crew):
    for badge in ("a-1", "a-2"):
        crew.admin.post(f"{API}/operators", json={"badge": badge, "name": "Alem", "pin": PIN})
    assert crew.browser().post(f"{API}/sessions", json={"name": "Alem", "pin": PIN}).status_code == 401
    assert crew.sign_in("a-2").get(CURRENT).json()["name"] == "Alem (a-2)"


def test_a_change_without_the_csrf_token_is_refused(crew):
    browser = crew.sign_in("boss")
    for wrong in ("", "guessed"):
        browser.headers["X-CSRF-Token"] = wrong
        refused = browser.post(f"{API}/operators", json={"badge": "x", "name": "X", "pin": PIN})
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:sonoedge:foreign-request")
    browser.headers["X-CSRF-Token"] = browser.get(CURRENT).json()["csrf_token"]
    assert browser.post(f"{API}/operators", json={"badge": "x", "name": "X", "pin": PIN}).status_code == 201


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_a_change_from_the_page_of_another_site_is_refused(crew, origin):
    answer = crew.admin.post(f"{API}/exams", json={}, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:sonoedge:foreign-request")
    own = crew.admin.post(f"{API}/exams", json={}, headers={"Origin": "http://testserver"})
    assert own.status_code == 201


def test_a_session_used_from_another_address_ends_and_is_audited(crew, view):
    owner = crew.sign_in("boss", "192.0.2.7")
    thief = crew.browser("198.51.100.9")
    thief.cookies[COOKIE] = owner.cookies[COOKIE]
    stolen = thief.get(f"{API}/operators")
    assert (stolen.status_code, stolen.json()["type"]) == (401, "urn:sonoedge:session-over")
    assert "another address" in stolen.json()["detail"]
    assert owner.get(f"{API}/operators").status_code == 401
    assert acts(view)[-1] == "session.stolen"
    assert "198.51.100.9" in everything_written(view)


def test_an_unused_session_ends_and_looking_does_not_extend_it(crew, later):
    browser = crew.sign_in("boss")
    later(timedelta(minutes=19))
    assert browser.get(f"{API}/operators").status_code == 200
    later(timedelta(minutes=38))
    assert browser.get(f"{API}/exams/current").status_code == 200  # a page does this by itself
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


def test_five_wrong_pins_wait_and_ten_lock_until_a_supervisor_unlocks(crew, view, later):
    operator = crew.enrol("n-1")
    browser = crew.browser()

    def attempt(pin):
        return browser.post(f"{API}/sessions", json={"name": "n-1", "pin": pin}).status_code

    assert [attempt("111213") for _ in range(5)] == [401] * 5
    assert attempt(PIN) == 429
    span = timedelta()
    for _ in range(5):
        span += timedelta(minutes=11)
        later(span)
        assert attempt("111213") == 401
    assert attempt(PIN) == 423
    later(span + timedelta(days=400))
    assert attempt(PIN) == 423
    admin = crew.sign_in("boss")
    assert admin.get(f"{API}/operators/{operator}").json()["locked"] is True
    assert admin.post(f"{API}/operators/{operator}/unlock").json()["locked"] is False
    assert attempt(PIN) == 201


def test_an_unknown_name_is_answered_like_a_known_one(crew):
    crew.enrol("n-1")
    browser = crew.browser()

    def answers(name):
        answers = [browser.post(f"{API}/sessions", json={"name": name, "pin": "111213"}) for _ in range(6)]
        return [(one.status_code, {k: v for k, v in one.json().items() if k != "fix"}) for one in answers]

    assert answers("n-1") == answers("nobody-has-this")


def test_no_pin_appears_in_an_answer_in_the_audit_trail_or_in_the_records(crew, view, tmp_path):
    browser = crew.browser()
    for wrong in ("739154", "73915", "7391544444444444", 739154):
        answer = browser.post(f"{API}/sessions", json={"name": "boss", "pin": wrong})
        assert "73915" not in answer.text
        assert "73915" not in crew.admin.post(f"{API}/operators", json={"badge": "q", "name": "\0", "pin": wrong}).text
    assert "73915" not in everything_written(view)
    for file in tmp_path.glob("records.sqlite*"):
        assert b"739154" not in file.read_bytes()
        assert PIN.encode() not in file.read_bytes()


def test_break_glass_scans_for_an_hour_is_audited_and_makes_a_notice(crew, view, later):
    somebody = crew.break_glass()
    begun = somebody.post(f"{API}/exams", json={})
    assert begun.status_code == 201
    assert somebody.get(f"{API}/patients").status_code == 403
    assert somebody.get(f"{API}/audit").status_code == 403
    assert "break-glass.begun" in acts(view)
    notices = crew.browser().get(f"{API}/notices").json()
    assert "Nobody else is here" in json.dumps(notices)
    later(timedelta(minutes=61))
    assert somebody.post(f"{API}/exams/{begun.json()['id']}/end").status_code == 401


@pytest.mark.parametrize("reason", ["", "\0", "x" * 10_000, None])
def test_break_glass_needs_a_reason(crew, reason):
    assert crew.browser().post(f"{API}/sessions/break-glass", json={"reason": reason}).status_code == 422


def test_a_refusal_of_a_signed_in_person_is_audited_once_per_minute(crew, view):
    crew.enrol("n-1", "scan")
    browser = crew.sign_in("n-1")
    for _ in range(3):
        assert browser.get(f"{API}/audit").status_code == 403
    assert acts(view).count("request.denied") == 1


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


def attempt(crew, name, pin=PIN):
    return crew.browser().post(f"{API}/sessions", json={"name": name, "pin": pin}).status_code


@pytest.fixture
def slow_pins(view, monkeypatch):
    """Each check of a PIN waits for this event."""
    go, holds = threading.Event(), view.people.sign_in._pins.holds
    monkeypatch.setattr(view.people.sign_in._pins, "holds", lambda *given: go.wait(60) and holds(*given))
    yield go
    go.set()


def test_a_flood_of_attempts_with_one_name_is_answered_with_wait(crew, slow_pins):
    def sign_in(_):
        status = attempt(crew, "boss", "111213")
        if status == 503:
            slow_pins.set()
        return status

    with ThreadPoolExecutor(24) as many:
        statuses = list(many.map(sign_in, range(24)))
    assert set(statuses) <= {401, 429, 503}
    assert statuses.count(401) <= 5
    assert 503 in statuses


def test_a_flood_of_unknown_names_hashes_nothing_and_a_right_pin_is_admitted_beside_it(crew, view, monkeypatch):
    pins = view.people.sign_in._pins
    hashed, holds = [], pins.holds
    monkeypatch.setattr(pins, "holds", lambda *given: hashed.append(given) or holds(*given))
    monkeypatch.setattr("edge.api.people.steady.STEP_S", 3.0)
    with ThreadPoolExecutor(48) as many:
        flood = [many.submit(attempt, crew, f"nobody {number}", "111213") for number in range(48)]
        assert attempt(crew, "boss") == 201
        assert not all(one.done() for one in flood)
        assert {one.result() for one in flood} == {401}
    assert len(hashed) == 1


def test_attempts_with_one_name_do_not_turn_away_another_person(crew, slow_pins, eventually, view):
    crew.enrol("n-1")
    with ThreadPoolExecutor(9) as many:
        flood = [many.submit(attempt, crew, "boss", "111213") for _ in range(8)]
        eventually(lambda: sum(one.done() for one in flood) == 8 - EACH, "the flood did not queue")
        person = many.submit(attempt, crew, "n-1")
        eventually(lambda: view.people.sign_in._turns._waiting.total() == EACH + 1, "the person was turned away")
        slow_pins.set()
        assert person.result() == 201


@pytest.mark.parametrize("name", ["boss", "nobody"])
def test_known_and_unknown_names_are_refused_after_the_same_time(crew, monkeypatch, name):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr("edge.api.people.steady.STEP_S", 60.0)
    monkeypatch.setattr("edge.api.people.steady.asyncio.sleep", sleep)
    assert attempt(crew, name, "111213") == 401
    assert 0 < slept[0] < 60


@pytest.mark.parametrize("name", ["boss", "nobody"])
def test_a_known_and_an_unknown_name_are_busy_alike(crew, slow_pins, monkeypatch, name, eventually):
    monkeypatch.setattr("edge.api.people.steady.STEP_S", 2.0)
    with ThreadPoolExecutor(8) as many:
        tries = [many.submit(attempt, crew, name, "111213") for _ in range(8)]
        eventually(lambda: sum(one.done() for one in tries) == 8 - EACH, "none was busy")
        slow_pins.set()
        assert sorted(one.result() for one in tries) == [401] * EACH + [503] * (8 - EACH)


def test_attempts_with_unknown_names_are_audited_at_once_then_counted_each_minute(crew, view, later):
    for _ in range(20):
        attempt(crew, "a stranger")
        attempt(crew, "another")
    assert [entry["attempts"] for entry in strangers(view)] == [1]
    later(timedelta(minutes=2))
    assert attempt(crew, "boss") == 201
    assert [entry["attempts"] for entry in strangers(view)] == [1, 9]  # five of each name, then the name must wait


def strangers(view):
    """The details of the audit entries about unknown names."""
    with view.store.read() as session:
        bodies = session.scalars(select(AuditRow.body).where(AuditRow.act == "sign-in.failed").order_by(AuditRow.seq))
        return [json.loads(body)["detail"] for body in bodies]
