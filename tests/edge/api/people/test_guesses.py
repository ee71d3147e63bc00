"""Guesses at a PIN lock the name where they come from, and nowhere else; people and invented names are answered alike."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from edge.people.lockout import ELSEWHERE, LOCKS
from edge.services.turns import EACH

API = "/api/v1"
PIN, WRONG = "482915", "111213"
ATTACKER, HOME, NEW = "192.0.2.66", "192.0.2.1", "192.0.2.200"


@pytest.fixture
def later(view):
    """Lets time pass, on the clock and on the machine; each call adds to the time before."""
    sign_in, clock = view.people.sign_in, view.store.clock.machine_time
    ran, passed = sign_in._ran, [timedelta()]

    def pass_by(span):
        passed[0] += span
        for part in (sign_in, sign_in._strangers, sign_in._guesses):
            part._ran = lambda: ran() + passed[0]
        view.store.clock.machine_time = lambda: clock() + passed[0]

    return pass_by


def attempt(crew, name, pin, address):
    return crew.browser(address).post(f"{API}/sessions", json={"name": name, "pin": pin}).status_code


def lock(crew, later, name, address):
    """Ten wrong PINs, with the waits between them."""
    for _ in range(LOCKS):
        later(timedelta(minutes=11))
        assert attempt(crew, name, WRONG, address) == 401
    assert attempt(crew, name, PIN, address) == 423


@pytest.mark.parametrize("from_", ["127.0.0.1", "::1", HOME, NEW, "2001:db8::1"])
def test_the_only_administrator_signs_in_from_another_address_and_unlocks_the_name(crew, later, from_):
    lock(crew, later, "boss", ATTACKER)
    assert attempt(crew, "boss", PIN, from_) == 201
    assert attempt(crew, "boss", PIN, ATTACKER) == 423
    boss = crew.sign_in("boss", from_)
    own = boss.get(f"{API}/sessions/current").json()["operator_id"]
    assert boss.get(f"{API}/operators/{own}").json()["locked"] is True
    assert boss.post(f"{API}/operators/{own}/unlock").json()["locked"] is False
    assert attempt(crew, "boss", PIN, ATTACKER) == 201


def test_a_sign_in_elsewhere_gives_the_attacker_no_new_guesses(crew, later):
    for _ in range(4):
        assert attempt(crew, "boss", WRONG, ATTACKER) == 401
    assert attempt(crew, "boss", PIN, HOME) == 201
    assert attempt(crew, "boss", WRONG, ATTACKER) == 401
    assert attempt(crew, "boss", WRONG, ATTACKER) == 429


@pytest.mark.parametrize("name", ["boss", "an invented name"])
def test_guesses_from_very_many_addresses_make_new_places_wait_but_not_for_good(crew, later, name):
    for number in range(ELSEWHERE):
        assert attempt(crew, name, WRONG, f"198.51.100.{number}") == 401
    assert attempt(crew, name, WRONG, NEW) == 429
    assert attempt(crew, name, WRONG, "127.0.0.1") == 401
    if name == "boss":
        assert [attempt(crew, name, PIN, address) for address in (NEW, HOME, "::1")] == [429, 201, 201]
    later(timedelta(days=2))
    assert attempt(crew, name, WRONG, NEW) == 401


def test_guesses_that_hang_take_no_turn_of_the_same_person_elsewhere(crew, view, monkeypatch, eventually):
    import threading

    go, holds = threading.Event(), view.people.sign_in._pins.holds
    monkeypatch.setattr(view.people.sign_in._pins, "holds", lambda *given: go.wait(60) and holds(*given))
    monkeypatch.setattr("edge.api.people.steady.STEP_S", 2.0)
    with ThreadPoolExecutor(9) as many:
        flood = [many.submit(attempt, crew, "boss", WRONG, ATTACKER) for _ in range(8)]
        eventually(lambda: sum(one.done() for one in flood) == 8 - EACH, "the flood did not queue")
        person = many.submit(attempt, crew, "boss", PIN, HOME)
        eventually(lambda: view.people.sign_in._turns._waiting.total() == EACH + 1, "the person was turned away")
        go.set()
        assert person.result() == 201


def test_the_locks_of_each_place_survive_a_restart(crew, view, later):
    from edge.exam.protocol.file import load_catalogue
    from edge.services.people import PeopleService

    lock(crew, later, "boss", ATTACKER)
    view.people = PeopleService(view.store, view.people.policy, view.people._pins, load_catalogue())
    assert attempt(crew, "boss", PIN, ATTACKER) == 423
    assert attempt(crew, "boss", PIN, NEW) == 201
