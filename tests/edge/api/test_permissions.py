"""Permissions: every route of the application, as every kind of actor, compared with a separately written table."""

import re

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount
from starlette.websockets import WebSocketDisconnect

from edge.api import app as app_module
from edge.api import routes
from edge.api.routes import RouteUnguarded

ACTORS = {
    "N": "nobody",
    "U": "unclaimed",
    "B": "break-glass",
    "K": "known, without a role",
    "S": "scan",
    "I": "interpret",
    "O": "over-read",
    "V": "service",
    "A": "admin",
}

BODY = "[]"
"""No route accepts it: an admitted request is answered with 422, and nothing is done."""
PIN = "482915"


def routes_of(app):
    for each in iter_route_contexts(app.routes):
        path = re.sub(r"{[^}]*}", "{}", each.path)
        if isinstance(each.route, Mount):
            yield "MOUNT", path
            continue
        for method in sorted((each.methods or {"WEBSOCKET"}) - {"HEAD"}):
            yield method, path


def enter(crew, kind):
    """A browser of this kind of actor, newly signed in if needed."""
    return {
        "nobody": crew.browser,
        "unclaimed": crew.browser,
        "break-glass": crew.break_glass,
        "admin": lambda: crew.sign_in("boss"),
        "known, without a role": lambda: crew.sign_in("known"),
    }.get(kind, lambda: crew.sign_in(kind))()


def is_admitted(browser, method, path):
    asked = path.replace("{}", "nothing")
    if method == "WEBSOCKET":
        try:
            with browser.websocket_connect(asked) as socket:
                return bool(socket.receive_bytes())
        except WebSocketDisconnect:
            return False
    if method == "MOUNT":
        return browser.get(f"{asked}/style.css").status_code == 200
    answer = browser.request(method, asked, content=BODY, headers={"Content-Type": "application/json"})
    assert answer.status_code < 500 or answer.status_code in {503, 504}, (method, path, answer.text)
    if answer.status_code in {401, 403}:
        assert answer.headers["content-type"] == "application/problem+json", (method, path)
        assert answer.json()["fix"]
    return answer.status_code not in {401, 403}


@pytest.fixture
def people(view, crew):
    for role in ("scan", "interpret", "over-read", "service"):
        crew.enrol(role, role)
    crew.enrol("known")
    return crew


def test_the_table_lists_exactly_the_routes_of_the_application(crew, permitted):
    assert set(routes_of(crew.app)) == set(permitted)


@pytest.mark.parametrize("letter", [letter for letter in ACTORS if letter != "U"])
def test_each_actor_is_admitted_exactly_where_the_table_permits_it(people, permitted, letter):
    admitted, browser = {}, None
    for cell in sorted(set(routes_of(people.app))):
        if browser is None or "/sessions" in cell[1]:
            browser = enter(people, ACTORS[letter])
        admitted[cell] = is_admitted(browser, *cell)
        if "/sessions" in cell[1]:
            browser = None  # the session may have ended
    assert {cell for cell, got in admitted.items() if got != (letter in permitted[cell])} == set()


def test_without_an_administrator_the_table_applies_too(app, client, permitted):
    admitted = {cell: is_admitted(client, *cell) for cell in sorted(set(routes_of(app)))}
    assert {cell for cell, got in admitted.items() if got != ("U" in permitted[cell])} == set()


@pytest.mark.parametrize("letter", list("KSIOVA"))
def test_all_operators_can_read_their_own_record_but_other_records_need_permission(people, letter):
    browser = enter(people, ACTORS[letter])
    own = browser.get("/api/v1/sessions/current").json()["operator_id"]
    boss = people.admin.get("/api/v1/sessions/current").json()["operator_id"]
    for noun in ("", "/credentials", "/standing?protocol=blue-6"):
        assert browser.get(f"/api/v1/operators/{own}{noun}").status_code == 200
        assert browser.get(f"/api/v1/operators/{boss}{noun}").status_code == (200 if letter in "OA" else 403)
    assert browser.put(f"/api/v1/operators/{own}/pin", json={"pin": "739154"}).status_code == 200
    assert browser.put(f"/api/v1/operators/{boss}/pin", json={"pin": "739154"}).status_code == (200 if letter == "A" else 403)


def test_the_appliance_does_not_start_with_a_route_outside_the_table(view, monkeypatch):
    monkeypatch.setattr(routes, "ROUTES", {key: row for key, row in routes.ROUTES.items() if key != "GET /api/v1/patients/{}"})
    with pytest.raises(RouteUnguarded, match=r"GET /api/v1/patients/\{patient_id\}"):
        app_module.create_app(view, lambda: b"")


def test_every_route_of_the_application_has_a_known_kind(crew):
    kinds = {type(each.original_route).__name__ for each in iter_route_contexts(crew.app.routes)}
    assert kinds == {"APIRoute", "APIWebSocketRoute", "Route", "Mount"}
