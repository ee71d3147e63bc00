"""The one-time code of an appliance without an administrator: a person on the network needs it, a person at the board does not."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from edge.people.actor import SHELL_ACTOR
from edge.people.claims import NoCode
from edge.people.lockout import LOCKS
from edge.records.people.operators import Operators
from edge.records.schema import AuditRow
from edge.services.people import PeopleService

API = "/api/v1"
BOARD, ELSEWHERE, OTHER = "127.0.0.1", "192.0.2.7", "192.0.2.8"
ME = {"badge": "me", "name": "Me", "pin": "482915"}
WRONG = "AAAA-AAAA-AAAA"
FORWARDED = [
    ("Forwarded", "for=192.0.2.7"),
    ("X-Forwarded-For", "192.0.2.7"),
    ("X-Forwarded-Host", "sono"),
    ("Via", "1.1 proxy"),
    ("X-Real-IP", "::1"),
]


@pytest.fixture
def code(view):
    return view.people.claim_code(SHELL_ACTOR)


def claim(browser, code=None, **headers):
    answer = browser.post(f"{API}/claim", json=ME if code is None else {**ME, "code": code}, headers=headers)
    return answer.status_code, answer.json().get("type", "").removeprefix("urn:sonoedge:")


def needs_code(browser, **headers):
    return browser.get(f"{API}/sessions/current", headers=headers).json()["claim_needs_code"]


def refusals(view):
    """How many wrong codes each audit entry states."""
    with view.store.read() as session:
        bodies = session.scalars(select(AuditRow.body).where(AuditRow.act == "claim.refused").order_by(AuditRow.seq))
        return [json.loads(body)["detail"]["failures"] for body in bodies]


def test_a_claim_from_another_address_without_the_code_is_refused(anybody, view):
    assert claim(anybody.browser(ELSEWHERE)) == (403, "claim-code-needed")
    assert not Operators(view.store).any()


def test_a_wrong_code_is_refused_and_counted(anybody, view):
    assert [claim(anybody.browser(ELSEWHERE), WRONG) for _ in range(2)] == [(403, "claim-code-needed")] * 2
    assert refusals(view) == [1, 2]
    assert not Operators(view.store).any()


def test_the_code_is_admitted_once(anybody, code):
    assert claim(anybody.browser(ELSEWHERE), code.lower().replace("-", " ")) == (201, "")
    assert claim(anybody.browser(ELSEWHERE), code) == (409, "already-claimed")


@pytest.mark.parametrize("board", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_a_person_at_the_board_needs_no_code(anybody, board):
    assert needs_code(anybody.browser(board)) is False
    assert claim(anybody.browser(board)) == (201, "")


@pytest.mark.parametrize(("header", "value"), FORWARDED)
def test_what_a_proxy_on_the_board_passes_on_does_not_come_from_the_board(anybody, header, value):
    assert needs_code(anybody.browser(BOARD), **{header: value}) is True
    assert claim(anybody.browser(BOARD), **{header: value}) == (403, "claim-code-needed")


@pytest.fixture
def later(view):
    """Lets this much time pass on the machine, in all."""
    guesses = view.people._claims._guesses
    ran = guesses._ran

    def pass_by(span):
        guesses._ran = lambda: ran() + span

    return pass_by


def test_guesses_wait_and_end_where_they_come_from_and_nowhere_else(anybody, later, code):
    assert [claim(anybody.browser(ELSEWHERE), WRONG)[0] for _ in range(6)] == [403] * 5 + [429]
    assert claim(anybody.browser(ELSEWHERE), code) == (429, "claim-waits")
    for count in range(5, LOCKS):
        later(timedelta(minutes=11 * count))
        assert claim(anybody.browser(ELSEWHERE), WRONG)[0] == 403
    later(timedelta(days=365))
    locked = anybody.browser(ELSEWHERE).post(f"{API}/claim", json={**ME, "code": code})
    assert (locked.status_code, "sonoedge operator claim" in locked.json()["fix"]) == (429, True)
    assert claim(anybody.browser(OTHER), code) == (201, "")


def test_a_claim_without_a_code_is_no_guess(anybody, view, code):
    assert {claim(anybody.browser(ELSEWHERE))[0] for _ in range(LOCKS + 1)} == {403}
    assert refusals(view) == []
    assert claim(anybody.browser(ELSEWHERE), code) == (201, "")


def test_a_wrong_code_costs_no_hash(anybody, view, monkeypatch):
    hashed = []
    monkeypatch.setattr(view.people._pins, "keep", lambda pin: hashed.append(pin) or "hash")
    claim(anybody.browser(ELSEWHERE), WRONG)
    assert hashed == []


def test_the_code_is_the_same_after_a_restart(view, code):
    assert PeopleService.of(view.store).claim_code(SHELL_ACTOR) == code


def test_the_page_is_told_whether_it_needs_the_code(anybody, view, code):
    assert (needs_code(anybody.browser(ELSEWHERE)), needs_code(anybody.browser(BOARD))) == (True, False)
    anybody.claim()
    assert (needs_code(anybody.browser(ELSEWHERE)), needs_code(anybody.browser(BOARD)), needs_code(anybody.admin)) == (None, None, None)
    with pytest.raises(NoCode, match="has an administrator"):
        view.people.claim_code(SHELL_ACTOR)
