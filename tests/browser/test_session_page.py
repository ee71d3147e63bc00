"""Signing in on the page, in Chromium against a real appliance: badge and PIN, an emergency, the first administrator."""

import json
import urllib.request
from contextlib import contextmanager

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REFUSED = "the server responded with a status of"
"""The browser logs each refused request."""
PIN = "482915"
SMALLEST_PX, APART_PX = 48, 8
SIGNED_IN = "document.getElementById('person').dataset.kind === 'operator'"
BEGUN = "!document.getElementById('exam-end').hidden"
FORM = "dialog.form[open]"
KEYS = f"[...document.querySelectorAll('{FORM} .pad button')].map((key) => key.getBoundingClientRect().toJSON())"
SENDS_OLD_TOKEN = "(await import('/web/api.js')).useToken('of a session that has ended')"

EMERGENCY_ELSEWHERE = """async () => {
  const { csrf_token: token } = await (await fetch("/api/v1/sessions/current")).json();
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  await fetch("/api/v1/sessions/break-glass", { method: "POST", headers, body: JSON.stringify({ reason: "In another tab" }) });
}"""
"""Another tab of the same browser begins an emergency session, which replaces the cookie."""


READ_THE_EXAM = "(async () => (await import('/web/exam.js')).showCurrent())()"


@contextmanager
def learns_of_others_when_asked(page, path):
    """The page asks now and then who is signed in; here it receives the old answer until it has asked for something else."""
    current = "**/api/v1/sessions/current"
    old, asked = page.evaluate("async () => (await fetch('/api/v1/sessions/current')).text()"), []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" and request.url.endswith(f"/{path}") else None)
    page.route(current, lambda route: route.continue_() if asked else route.fulfill(body=old, content_type="application/json"))
    yield
    page.unroute(current)


def enrol(url):
    body = json.dumps({"badge": "n-017", "name": "Almaz Bekele", "pin": PIN}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{url}api/v1/claim", body, {"content-type": "application/json"})).close()


@pytest.fixture(scope="module")
def claimed(web):
    with web.appliance("virtual://chest?fps=8&b_lines=2&size=200") as url:
        enrol(url)
        yield url


@pytest.fixture
def page(web, claimed):
    """The page of a browser in which nobody has signed in; no exam is open."""
    with web.opened(claimed, 360, 740, tolerated=REFUSED) as page:
        web.until(page, "document.getElementById('person').dataset.kind === 'nobody'")
        yield page
        if page.evaluate(BEGUN):
            page.click("#exam-end")
            page.click(f"{FORM} .primary")
            web.until(page, f"!({BEGUN})")


def type_pin(page, pin=PIN):
    for digit in pin:
        page.click(f"{FORM} [data-key='{digit}']")


def sign_in(page):
    page.fill(f"{FORM} [name=name]", "n-017")
    type_pin(page)
    page.click(f"{FORM} .primary")


def test_what_needs_a_person_asks_for_the_pin_and_is_then_done(web, page):
    page.click("#exam-begin")
    assert "Sign in to scan" in page.inner_text(FORM)
    page.fill(f"{FORM} [name=name]", "n-017")
    type_pin(page, "111111")
    page.click(f"{FORM} .primary")
    page.wait_for_selector(f"{FORM} .problem:visible")
    assert "The name or the PIN is wrong" in page.inner_text(f"{FORM} .problem")
    assert (page.input_value(f"{FORM} [name=name]"), page.input_value(f"{FORM} [name=pin]")) == ("n-017", "")
    type_pin(page)
    page.click(f"{FORM} .primary")
    web.until(page, f"{SIGNED_IN} && {BEGUN}")
    assert page.inner_text("#person") == "Almaz Bekele (n-017)"
    page.click("#exam-skip")
    page.click("[data-reason=pain]")
    web.until(page, "document.querySelector('#zones [data-zone=L1]').className === 'skipped'")


def test_going_back_does_nothing_and_states_why(web, page):
    page.click("#exam-begin")
    page.wait_for_selector(FORM)
    page.keyboard.press("Escape")
    web.until(page, f"!document.querySelector('{FORM}')")
    web.until(page, "document.getElementById('exam-problem').textContent.startsWith('Sign in to scan')")
    assert not page.evaluate(BEGUN)


def test_an_emergency_scans_without_a_name_and_with_a_reason(web, page):
    page.click("#person")
    page.click(f"{FORM} >> text=Emergency: scan now")
    page.fill(f"{FORM} [name=reason]", "Unconscious in the corridor")
    page.click(f"{FORM} >> text=Scan without sign-in")
    web.until(page, f"document.getElementById('person').dataset.kind === 'break-glass' && !document.querySelector('{FORM}')")
    page.click("#exam-begin")
    web.until(page, BEGUN)


def test_signing_out_leaves_the_open_exam_to_the_next_person(web, page):
    page.click("#person")
    sign_in(page)
    web.until(page, SIGNED_IN)
    page.click("#exam-begin")
    web.until(page, BEGUN)
    page.click("#person")
    page.click(f"{FORM} >> text=Sign out")
    web.until(page, "document.getElementById('person').dataset.kind === 'nobody'")
    assert page.evaluate(BEGUN)
    page.click("#exam-end")
    page.click(f"{FORM} .primary")
    sign_in(page)
    web.until(page, f"!({BEGUN})")


def test_a_session_that_another_tab_replaced_is_followed_and_nothing_is_lost(web, page):
    page.click("#person")
    sign_in(page)
    web.until(page, SIGNED_IN)
    page.evaluate(f"async () => {{ {SENDS_OLD_TOKEN} }}")
    page.click("#exam-begin")
    web.until(page, BEGUN)
    assert page.query_selector(FORM) is None


def test_what_was_asked_for_by_one_person_is_not_done_in_the_name_of_another(web, page):
    page.click("#person")
    sign_in(page)
    web.until(page, SIGNED_IN)
    with learns_of_others_when_asked(page, "exams"):
        page.evaluate(EMERGENCY_ELSEWHERE)
        page.click("#exam-begin")
        web.until(page, "document.getElementById('person').dataset.kind === 'break-glass'")
    page.evaluate(READ_THE_EXAM)
    assert "is signed in on this device now" in page.inner_text("#exam-problem")
    assert not page.evaluate(BEGUN)
    page.click("#exam-begin")
    web.until(page, BEGUN)
    assert page.is_hidden("#exam-problem")


def test_the_keys_can_be_hit_with_gloves_and_the_button_needs_no_scrolling(page):
    page.click("#person")
    keys = page.evaluate(KEYS)
    assert len(keys) == 12
    assert min(min(key["width"], key["height"]) for key in keys) >= SMALLEST_PX
    assert keys[1]["left"] - keys[0]["right"] >= APART_PX
    assert keys[3]["top"] - keys[0]["bottom"] >= APART_PX
    assert page.evaluate(f"document.querySelector('{FORM} .primary').getBoundingClientRect().bottom") <= 740
