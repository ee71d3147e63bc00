"""Costly requests are answered one after another, in their order; few can wait, and nobody takes all the places."""

import json

import anyio
import pytest

from edge.api.costly import EACH, MOST, Costly, Lane
from edge.api.routes import ROUTES, Cost, guarded
from edge.people.actor import NOBODY_ACTOR, Actor
from edge.services.busy import ApplianceBusy

PDF = "/api/v1/exams/0193/report.pdf"
HEAD = {"type": "http.response.start", "status": 200, "headers": []}
END = {"type": "http.response.body", "body": b"x", "more_body": False}


def test_every_costly_route_is_known_here():
    costly = {cost: {route for route, row in ROUTES.items() if row.cost is cost} for cost in Cost}
    assert costly[Cost.MINUTES] == {"POST /api/v1/backups", "GET /api/v1/audit/export"}
    assert costly[Cost.SECONDS] == {
        "GET /api/v1/exams/{}/report.pdf",
        "GET /api/v1/clips/{}/recording",
        "GET /api/v1/clips/{}/film",
        "GET /api/v1/doctor",
        "POST /api/v1/board/selftest",
        "GET /api/v1/models",
        "GET /api/v1/probe/checks",
        "POST /api/v1/audit/verify",
    }


def test_one_at_a_time_in_the_order_in_which_they_came():
    order, at_work, most = [], [], []

    async def work(lane, number):
        async with lane.turn(f"person {number}"):
            order.append(number)
            at_work.append(number)
            most.append(len(at_work))
            await anyio.sleep(0)
            at_work.remove(number)

    async def everybody():
        lane = Lane()
        async with anyio.create_task_group() as group:
            for number in range(MOST):
                group.start_soon(work, lane, number)
        async with lane.turn("person 0"):  # every place is free again
            pass

    anyio.run(everybody)
    assert (order, max(most)) == (list(range(MOST)), 1)


@pytest.mark.parametrize(("who", "places"), [(lambda number: f"person {number}", MOST), (lambda _: "one person", EACH)])
def test_more_than_can_wait_are_refused_at_once(who, places):
    refused = []

    async def work(lane, number, done):
        try:
            async with lane.turn(who(number)):
                await done.wait()
        except ApplianceBusy:
            refused.append(number)

    async def everybody():
        lane, done = Lane(), anyio.Event()
        async with anyio.create_task_group() as group:
            for number in range(places + 2):
                group.start_soon(work, lane, number, done)
            await anyio.wait_all_tasks_blocked()
            assert refused == [places, places + 1]
            done.set()

    anyio.run(everybody)


def test_a_request_that_waits_too_long_is_refused_and_leaves_its_place(monkeypatch):
    async def everybody():
        lane = Lane()
        async with lane.turn("one"):
            monkeypatch.setattr("edge.api.costly.PATIENCE_S", 0)
            for _ in range(MOST):
                with pytest.raises(ApplianceBusy):
                    async with lane.turn("another"):
                        pass
        assert not lane._here

    anyio.run(everybody)


class Asking:
    """Sends requests through the middleware to an application that a test drives."""

    def __init__(self, routes, inner):
        self.app, self.sent = Costly(inner, routes), []

    async def ask(self, path, actor=NOBODY_ACTOR):
        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "client": ("192.0.2.1", 1), "state": {"actor": actor}}

        async def send(message):
            self.sent.append(message)

        await self.app(scope, None, send)


def test_the_next_request_does_not_wait_until_a_slow_client_has_the_whole_answer(app):
    begun = []

    async def everybody():
        slow = anyio.Event()

        async def inner(scope, receive, send):
            begun.append(scope["path"])
            await send(HEAD)
            await slow.wait()
            await send(END)

        asking = Asking(guarded(app), inner)
        async with anyio.create_task_group() as group:
            group.start_soon(asking.ask, PDF)
            group.start_soon(asking.ask, PDF)
            await anyio.wait_all_tasks_blocked()
            assert len(begun) == 2
            slow.set()

    anyio.run(everybody)


def test_a_refusal_is_a_problem_that_states_when_to_try_again_and_other_routes_do_not_wait(app):
    async def everybody():
        going = anyio.Event()

        async def inner(scope, receive, send):
            if scope["path"] == PDF:
                await going.wait()
            await send(HEAD)
            await send(END)

        asking = Asking(guarded(app), inner)
        people = [Actor("operator", name, name) for name in "abc"]
        async with anyio.create_task_group() as group:
            for number in range(MOST):
                group.start_soon(asking.ask, PDF, people[number % 3])
            await anyio.wait_all_tasks_blocked()
            await asking.ask(PDF)
            head, body = asking.sent
            assert head["status"] == 503
            headers = dict(head["headers"])
            assert (headers[b"content-type"], headers[b"retry-after"]) == (b"application/problem+json", b"5")
            assert json.loads(body["body"])["type"] == "urn:sonoedge:appliance-busy"
            await asking.ask("/api/v1/health")
            assert asking.sent[-1] == END
            going.set()

    anyio.run(everybody)
