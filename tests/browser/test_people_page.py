"""The people page in Chromium: the first administrator enrols a person, gives a role, sets a PIN, unlocks and retires."""

import json
import urllib.error
import urllib.request

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PIN, OTHER_PIN = "482915", "739164"
FORM = "dialog.form[open]"
NURSE = "[data-badge='n-017']"


def post(url, path, body):
    request = urllib.request.Request(f"{url}api/v1/{path}", json.dumps(body).encode(), {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def sign_in(url, name, pin):
    return post(url, "sessions", {"name": name, "pin": pin})


@pytest.fixture(scope="module")
def claimed(web):
    with web.appliance("virtual://chest?fps=5&size=100") as url:
        post(url, "claim", {"badge": "boss", "name": "Boss", "pin": PIN})
        yield url


@pytest.fixture(scope="module")
def page(web, claimed):
    """The page, after the administrator has signed in where it asked for that."""
    with web.opened(f"{claimed}people", 800, 1280, tolerated="the server responded with a status of") as page:
        assert "Sign in to manage the credentials of people" in page.inner_text(FORM)
        page.fill(f"{FORM} [name=name]", "boss")
        page.fill(f"{FORM} [name=pin]", PIN)
        page.click(f"{FORM} .primary")
        page.wait_for_selector("[data-badge=boss]")
        yield page


def answer(page, **fields):
    for name, value in fields.items():
        box = f"{FORM} [name={name}]"
        page.select_option(box, value) if name in ("role", "protocol") else page.fill(box, value)
    page.click(f"{FORM} .primary")


def test_a_person_is_enrolled_and_can_sign_in(web, claimed, page):
    page.click("#enrol")
    answer(page, badge="n-017", name="Fatuma Ali", pin="123456")
    page.wait_for_selector(f"{FORM} .problem:visible")
    answer(page, pin=OTHER_PIN)
    page.wait_for_selector(NURSE)
    assert "No role" in page.inner_text(NURSE)
    assert sign_in(claimed, "n-017", OTHER_PIN) == 201


def test_a_role_is_given_for_a_protocol_and_taken_away(web, page):
    page.click(f"{NURSE} >> text=Give a role")
    answer(page, role="scan", protocol="blue-6")
    page.wait_for_selector(f"{NURSE} .role")
    assert page.inner_text(f"{NURSE} .role") == "Scan, BLUE points, six \u00d7"
    page.click(f"{NURSE} .role")
    page.click(f"{FORM} .primary")
    page.wait_for_selector(f"{NURSE} >> text=No role")


def test_a_new_pin_replaces_the_old_one(web, claimed, page):
    page.click(f"{NURSE} >> text=New PIN")
    answer(page, pin="580274")
    web.until(page, f"!document.querySelector('{FORM}')")
    assert (sign_in(claimed, "n-017", OTHER_PIN), sign_in(claimed, "n-017", "580274")) == (401, 201)


def test_the_last_administrator_stays_and_the_page_states_why(web, page):
    page.click("[data-badge=boss] .role")
    page.click(f"{FORM} .primary")
    page.wait_for_selector("#people-problem:visible")
    assert "last administrator" in page.inner_text("#people-problem")
    assert page.query_selector("[data-badge=boss] .role")


def test_a_person_who_leaves_is_retired_and_stays_listed(web, claimed, page):
    page.click(f"{NURSE} >> text=Retire")
    page.click(f"{FORM} .primary")
    page.wait_for_selector(f"{NURSE} >> text=retired")
    assert sign_in(claimed, "n-017", "580274") == 401
    assert page.query_selector(f"{NURSE} >> text=New PIN") is None


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_the_page_fits_every_screen(page, width):
    page.set_viewport_size({"width": width, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
