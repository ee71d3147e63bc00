"""Operators through the API: enrolling, roles, and the way from a novice to somebody who scans alone."""

from datetime import datetime, timedelta, timezone

import pytest

API = "/api/v1"
OPERATORS = f"{API}/operators"
PIN = "482915"
ASSESSED = {"kind": "assessment", "protocol": "blue-6", "items": {"indication": 4, "depth": 5, "pleura": 3}, "version": "web-2024"}


def test_somebody_is_enrolled_in_any_script_without_a_role(crew):
    made = crew.admin.post(OPERATORS, json={"badge": "n-017", "name": "አልማዝ በቀለ", "pin": PIN})
    assert made.status_code == 201
    said = made.json()
    assert (said["name"], said["grants"], said["locked"], made.headers["etag"]) == ("አልማዝ በቀለ", [], False, '"1"')
    assert "pin" not in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x" * 10_000},
        {"name": "Dr. \u202egnorw"},
        {"name": "a\0b"},
        {"badge": ""},
        {"badge": "b" * 41},
        {"pin": "1234"},
        {"pin": "123456"},
        {"pin": "no-pin"},
        {"pin": 482915},
        {"role": "admin"},
    ],
)
def test_what_cannot_be_enrolled_is_refused_with_the_reason(crew, wrong):
    said = crew.admin.post(OPERATORS, json={"badge": "n-1", "name": "N", "pin": PIN} | wrong)
    assert (said.status_code, said.headers["content-type"]) == (422, "application/problem+json")
    assert said.json()["detail"]
    assert len(said.content) < 2000
    assert [each["badge"] for each in crew.admin.get(OPERATORS).json()["items"]] == ["boss"]


def test_a_service_or_admin_role_is_over_the_appliance_and_another_under_a_known_protocol(crew):
    operator = crew.enrol("n-1")
    for role, protocol, status in (
        ("admin", "blue-6", 422),
        ("service", "blue-6", 422),
        ("scan", "no-such", 404),
        ("sign", "*", 422),
        ("scan", "blue-6", 201),
    ):
        assert crew.admin.post(f"{OPERATORS}/{operator}/grants", json={"role": role, "protocol": protocol}).status_code == status


def test_a_role_is_taken_away_at_once(crew):
    operator = crew.enrol("n-1", "interpret")
    browser = crew.sign_in("n-1")
    assert browser.get(f"{API}/exams").status_code == 200
    grant = crew.admin.get(f"{OPERATORS}/{operator}").json()["grants"][0]["id"]
    assert crew.admin.delete(f"{OPERATORS}/{operator}/grants/{grant}").json()["grants"] == []
    assert browser.get(f"{API}/exams").status_code == 403
    assert crew.admin.delete(f"{OPERATORS}/{operator}/grants/{grant}").status_code == 404


def test_the_last_administrator_stays(crew):
    boss = crew.admin.get(f"{API}/sessions/current").json()["operator_id"]
    said = crew.admin.patch(f"{OPERATORS}/{boss}", json={"retired": True}, headers={"If-Match": '"1"'})
    assert (said.status_code, said.json()["type"]) == (409, "urn:sonoedge:operator-refused")


def test_a_grant_of_somebody_else_by_its_id_is_not_taken(crew):
    first, second = crew.enrol("n-1", "scan"), crew.enrol("n-2", "scan")
    grant = crew.admin.get(f"{OPERATORS}/{first}").json()["grants"][0]["id"]
    assert crew.admin.delete(f"{OPERATORS}/{second}/grants/{grant}").status_code == 404
    assert crew.admin.get(f"{OPERATORS}/{first}").json()["grants"] != []


def test_a_pin_of_ones_own_is_changed_with_the_old_one_given_just_now(crew):
    operator = crew.enrol("n-1")
    browser, elsewhere = crew.sign_in("n-1"), crew.sign_in("n-1", "192.0.2.99")
    assert browser.put(f"{OPERATORS}/{operator}/pin", json={"pin": "739154"}).status_code == 200
    assert browser.get(f"{API}/sessions/current").json()["kind"] == "operator"
    assert elsewhere.get(f"{API}/sessions/current").json()["kind"] == "nobody"
    assert crew.browser().post(f"{API}/sessions", json={"name": "n-1", "pin": PIN}).status_code == 401


def test_the_way_to_scanning_alone(crew, view):
    trainee = crew.enrol("n-1", "scan", protocol="blue-6")
    where = f"{OPERATORS}/{trainee}"
    standing = crew.admin.get(f"{where}/standing?protocol=blue-6").json()
    assert (standing["qualified"], standing["counted"], standing["needed"]) == (False, 0, 25)
    for entry in ({"kind": "course", "protocol": "blue-6"}, ASSESSED, {"kind": "sign-off", "protocol": "blue-6"}):
        assert crew.admin.post(f"{where}/credentials", json=entry).status_code == 201, entry
    standing = crew.admin.get(f"{where}/standing?protocol=blue-6").json()
    assert standing["missing"] == ["0 of 25 supervised exams are reviewed and good enough"]
    thresholds = {"*": view.people.policy.of("*").model_copy(update={"supervised_exams": 0})}
    view.people.sign_in._policy = view.people.policy.model_copy(update={"thresholds": thresholds})
    assert crew.sign_in("n-1").get(f"{API}/sessions/current").json()["qualified_for"] == ["blue-6"]
    crew.admin.post(f"{where}/credentials", json={"kind": "suspended", "protocol": "blue-6", "note": "Asked by the ward"})
    assert crew.sign_in("n-1").get(f"{API}/sessions/current").json()["qualified_for"] == []


def test_an_assessment_keeps_its_items_its_sum_and_its_version(crew):
    trainee = crew.enrol("n-1")
    said = crew.admin.post(f"{OPERATORS}/{trainee}/credentials", json=ASSESSED).json()
    assert (said["score"], said["items"], said["version"], said["by"]) == (12, ASSESSED["items"], "web-2024", "Boss (boss)")


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        ({"kind": "supervised-exam", "protocol": "blue-6"}, 422),
        ({"kind": "course", "protocol": "*"}, 422),
        ({"kind": "course", "protocol": "no-such"}, 404),
        ({"kind": "course", "protocol": "blue-6", "valid_to": "2020-01-01T00:00:00Z"}, 422),
        ({"kind": "course", "protocol": "blue-6", "valid_to": "2099-01-01T00:00:00"}, 422),
        (ASSESSED | {"items": {"depth": 6}}, 422),
        (ASSESSED | {"items": {"depth": 0}}, 422),
        (ASSESSED | {"items": {}}, 422),
        (ASSESSED | {"version": ""}, 422),
        (ASSESSED | {"kind": "course"}, 422),
    ],
)
def test_what_the_ledger_does_not_take(crew, entry, status):
    trainee = crew.enrol("n-1")
    assert crew.admin.post(f"{OPERATORS}/{trainee}/credentials", json=entry).status_code == status
    assert crew.admin.get(f"{OPERATORS}/{trainee}/credentials").json() == []


def test_nobody_vouches_for_themselves(crew):
    boss = crew.admin.get(f"{API}/sessions/current").json()["operator_id"]
    said = crew.admin.post(f"{OPERATORS}/{boss}/credentials", json={"kind": "sign-off", "protocol": "blue-6"})
    assert (said.status_code, said.json()["type"]) == (422, "urn:sonoedge:credential-refused")


def test_a_supervisor_vouches_under_their_protocol_only(crew):
    trainee = crew.enrol("n-1")
    crew.enrol("s-1", "over-read", protocol="blue-6")
    supervisor = crew.sign_in("s-1")
    where = f"{OPERATORS}/{trainee}/credentials"
    assert supervisor.post(where, json={"kind": "course", "protocol": "blue-6"}).status_code == 201
    assert supervisor.post(where, json={"kind": "course", "protocol": "rush-14"}).status_code in {403, 404}


@pytest.mark.parametrize("year", [1970, 2099])
def test_with_the_clock_at_1970_or_2099_people_sign_in_and_nothing_is_extended(crew, view, year):
    trainee = crew.enrol("n-1", "scan")
    ends = (view.store.now() + timedelta(days=1)).isoformat()
    crew.admin.post(f"{OPERATORS}/{trainee}/credentials", json={"kind": "sign-off", "protocol": "blue-6", "valid_to": ends})
    later = view.store.now() + timedelta(days=2)
    view.store.clock.said = lambda: later
    admin = crew.sign_in("boss")
    assert "expired" in str(admin.get(f"{OPERATORS}/{trainee}/standing?protocol=blue-6").json()["missing"])
    view.store.clock.said = lambda: datetime(year, 1, 1, tzinfo=timezone.utc)
    admin = crew.sign_in("boss")
    assert admin.get(f"{API}/sessions/current").json()["kind"] == "operator"
    assert "expired" in str(admin.get(f"{OPERATORS}/{trainee}/standing?protocol=blue-6").json()["missing"])
