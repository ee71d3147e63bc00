"""The start page in Chromium, on a real appliance: what there is to do today, as far as a person is allowed to see it."""

import json
import urllib.request

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

API = "api/v1/"
PIN = "482915"
FORM = "dialog.form[open]"
REFUSED = "the server responded with a status of"
"""The browser logs each refused request."""
CHEST = "virtual://chest?fps=5&size=200"
WHO = {"identifier": "P-1", "name": "Fatuma Ali"}
NEXT_YEAR = "const shown = Date.now; Date.now = () => shown() + 366 * 86400000;"


def post(url, path, body=None):
    content = {"content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}{API}{path}", json.dumps(body or {}).encode(), content)) as answer:
        return json.load(answer)


def sign_in(page):
    page.fill(f"{FORM} [name=name]", "n-017")
    page.fill(f"{FORM} [name=pin]", PIN)
    page.click(f"{FORM} .primary")
    page.wait_for_selector("#person[data-kind=operator]")


def text(page, id_):
    return page.inner_text(f"#{id_}")


def shown(page, id_, what):
    page.wait_for_selector(f"#{id_} >> text={what}")


@pytest.fixture
def url(web):
    with web.appliance(CHEST) as url:
        yield url


def test_without_exams_each_part_says_so_in_words(web, url):
    with web.opened(f"{url}home", 360, 740) as page:
        shown(page, "now", "No exam is open")
        shown(page, "today", "No exam was begun today")
        shown(page, "appliance", "SIMULATED")
        assert "No hospital connection is set up" in page.inner_text("main")
        page.click("main a.scan")
        page.wait_for_selector("#exam-begin:visible")


def test_the_open_exam_and_those_of_today_are_shown_with_their_zones_also_if_the_tablet_is_a_year_ahead(web, url):
    exam = post(url, "exams", {"protocol": "blue-6", "patient": WHO})
    post(url, f"exams/{exam['id']}/zones/L1/skip", {"reason": "pain"})
    with web.opened(f"{url}home", 1280, 800, before=lambda page: page.add_init_script(NEXT_YEAR)) as page:
        shown(page, "now", "Zones done: 0 of 6. Skipped: 1")
        shown(page, "now", "Operator: a person without a sign-in")
        shown(page, "today", "Fatuma Ali (P-1)")
        assert "Not complete" in text(page, "today")
        assert page.is_hidden("#waiting")
        post(url, f"exams/{exam['id']}/end")
        shown(page, "now", "No exam is open")
        page.click("#today .lines a")
        page.wait_for_url(f"**/exam?id={exam['id']}")


def test_without_a_sign_in_nothing_of_a_patient_is_shown_and_a_reader_sees_what_waits(web, url):
    exam = post(url, "exams", {"protocol": "blue-6", "patient": WHO})
    admin = post(url, "claim", {"badge": "n-017", "name": "Almaz Bekele", "pin": PIN})
    with web.opened(f"{url}home", 800, 1280, tolerated=REFUSED) as page:
        shown(page, "now", "Zones done: 0 of 6")
        shown(page, "today", "Sign in to see exams and reviews")
        assert "Fatuma" not in page.inner_text("body")
        assert "Operator" not in text(page, "now")
        page.click("#today button")
        sign_in(page)
        shown(page, "today", "Fatuma Ali (P-1)")
        shown(page, "now", "Operator: a person without a sign-in")
        assert page.is_hidden("#waiting")
        token = page.evaluate("async () => (await (await fetch('/api/v1/sessions/current')).json()).csrf_token")
        headers = {"X-CSRF-Token": token}
        page.request.post(f"{url}{API}exams/{exam['id']}/end", headers=headers)
        page.request.post(f"{url}{API}operators/{admin['id']}/grants", data={"role": "interpret"}, headers=headers)
        page.reload()
        shown(page, "queue", "BLUE points")
        page.click("#queue a")
        page.wait_for_url(f"**/exam?id={exam['id']}")
