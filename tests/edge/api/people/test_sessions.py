"""Sign-in and sign-out through the API: who is signed in, and whose request it is."""

import pytest

from edge.api.authorise import COOKIE

API = "/api/v1"
CURRENT = f"{API}/sessions/current"
PIN = "482915"


def test_an_unclaimed_appliance_states_it_and_works(client):
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


def test_a_person_signs_in_by_name_and_signs_out(crew):
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


def test_a_session_used_from_another_address_ends_and_is_audited(crew, acts, everything_written):
    owner = crew.sign_in("boss", "192.0.2.7")
    thief = crew.browser("198.51.100.9")
    thief.cookies[COOKIE] = owner.cookies[COOKIE]
    stolen = thief.get(f"{API}/operators")
    assert (stolen.status_code, stolen.json()["type"]) == (401, "urn:sonoedge:session-over")
    assert "another address" in stolen.json()["detail"]
    assert owner.get(f"{API}/operators").status_code == 401
    assert acts()[-1] == "session.stolen"
    assert "198.51.100.9" in everything_written()


def test_a_refusal_of_a_signed_in_person_is_audited_once_per_minute(crew, acts):
    crew.enrol("n-1", "scan")
    browser = crew.sign_in("n-1")
    for _ in range(3):
        assert browser.get(f"{API}/audit").status_code == 403
    assert acts().count("request.denied") == 1
