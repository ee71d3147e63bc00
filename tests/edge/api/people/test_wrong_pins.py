"""Wrong PINs wait, a flood of them turns nobody else away, and neither an answer nor its time tells which names exist."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from edge.records.schema import AuditRow
from edge.services.turns import EACH

API = "/api/v1"
PIN = "482915"


def test_five_wrong_pins_wait_and_ten_lock_until_a_supervisor_unlocks(crew, later):
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


SECRET = "739154082617"
"""So long that neither a digest nor the fraction of a second contains it by chance."""


def test_no_pin_appears_in_an_answer_in_the_audit_trail_or_in_the_records(crew, tmp_path, everything_written):
    browser, part = crew.browser(), SECRET[:10]
    enrolled = crew.admin.post(f"{API}/operators", json={"badge": "n-1", "name": "N", "pin": SECRET})
    assert enrolled.status_code == 201
    assert part not in enrolled.text
    assert part not in browser.post(f"{API}/sessions", json={"name": "n-1", "pin": SECRET}).text
    for wrong in (f"{part}62", part, f"{SECRET}4444", int(SECRET)):
        answer = browser.post(f"{API}/sessions", json={"name": "boss", "pin": wrong})
        assert part not in answer.text
        assert part not in crew.admin.post(f"{API}/operators", json={"badge": "q", "name": "\0", "pin": wrong}).text
    assert part not in everything_written()
    written = [file for file in tmp_path.glob("records.sqlite*") if file.stat().st_size]
    assert written
    assert not [file.name for file in written if part.encode() in file.read_bytes()]


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
