"""The device page in Chromium: what is wrong and its next step, what a person does about it, and what needs a sign-in."""

import json
import re
import sqlite3
import urllib.request
from contextlib import closing
from functools import partial

import pytest

PIN = "482915"
FORM = "dialog.form[open]"
SIZES = [(360, 740), (800, 1280), (1280, 800)]
WHOLE = ("#settings table", "#model li", "#speed table", "#source dl", "#checks a", "#recordings p, #recordings li")
TOLERATED = "Failed to load resource"
SMALL = """[...document.querySelectorAll('button, a, summary')]
    .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 48).map((each) => each.outerHTML)"""
CLOSE = """[...document.querySelectorAll('.controls')].filter((each) => parseFloat(getComputedStyle(each).columnGap) < 8).length"""

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def post(url, path, body):
    request = urllib.request.Request(f"{url}api/v1/{path}", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def whole(page):
    for section in WHOLE:
        page.wait_for_selector(section)


def refreshed(page):
    """Waits until the page has read everything again."""
    with page.expect_response("**/api/v1/recording"):  # the last of one refresh may still come: the second is whole
        pass
    with page.expect_response("**/api/v1/recording"):
        pass


def sign_in(page, name):
    form = page.locator(FORM).last  # the sign-in lies over the dialog of the person before
    form.locator("[name=name]").fill(name)
    form.locator("[name=pin]").fill(PIN)
    form.locator(".primary").click()


@pytest.fixture(scope="module")
def unclaimed(web, tmp_path_factory):
    """An appliance with a notice, on which nobody has signed in yet; and its data folder."""
    folder = tmp_path_factory.mktemp("unclaimed")
    with web.appliance("virtual://chest?fps=8&size=100", folder) as url:
        post(url, "sessions/break-glass", {"reason": "A test"})
        yield url, folder


@pytest.fixture(scope="module")
def claimed(web):
    with web.appliance("virtual://chest?fps=8&size=100") as url:
        post(url, "claim", {"badge": "boss", "name": "Boss", "pin": PIN})
        yield url


@pytest.fixture(scope="module")
def page(web, unclaimed):
    with web.opened(f"{unclaimed[0]}device", 800, 1280, tolerated=TOLERATED) as page:
        whole(page)
        page.wait_for_selector("[data-key='check backups']")
        yield page


def test_what_is_wrong_is_stated_with_its_next_step(page):
    assert "there is no backup" in page.inner_text("[data-key='check backups']").lower()
    assert "Next step: Run sonoedge backup make" in page.inner_text("[data-key='check backups']")
    assert "not a diagnosis" in page.inner_text(".notice")


def test_what_was_not_checked_is_stated(page):
    page.click("#repairs summary")
    left = page.inner_text("#repairs details")
    assert "a trial would take the processor" in left
    assert "Run sonoedge doctor" in left


def test_every_part_shows_its_figures(page):
    assert "Sends images" in page.inner_text("#source")
    assert "SIMULATED" in page.inner_text("#source")
    assert page.locator("#speed tbody tr").count() == 4
    assert page.locator("#speed tbody tr").nth(2).locator("td").nth(2).inner_text() == "20"
    assert "MB free" in page.inner_text("#machine")
    assert "jpeg_quality" in page.inner_text("#settings")
    assert "In use" in page.inner_text("#model")
    assert re.search(r"Disk\s+[\d.,]+ [GM]B free of [\d.,]+ [GM]B", page.inner_text("#machine"))
    assert "not checked yet" in page.inner_text("#checks")
    assert "no recording on the disk" in page.inner_text("#recordings")


def test_the_log_is_read_by_level_as_it_grows_and_only_while_it_is_open(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/api/v1/log" in request.url else None)
    page.click("#log summary")
    page.select_option("#log select", "info")
    page.wait_for_selector("#log li >> text=ready")
    page.select_option("#log select", "error")
    page.wait_for_selector("#log >> text=No line of this level")
    page.select_option("#log select", "info")
    page.wait_for_selector("#log li >> text=ready")
    assert page.request.post(f"{page.url.removesuffix('device')}api/v1/recording").status == 201
    page.wait_for_selector("#log li >> nth=0 >> text=recording")
    assert page.request.delete(f"{page.url.removesuffix('device')}api/v1/recording").status == 200
    page.wait_for_selector("#log li >> nth=0 >> text=recorded")
    page.click("#log summary")
    page.wait_for_function("!document.getElementById('log').open")
    refreshed(page)  # a request that was on its way has gone
    asked.clear()
    refreshed(page)
    assert asked == []


def test_a_refresh_keeps_the_focus_the_place_and_what_is_open(web, page):
    page.evaluate("document.querySelector('#repairs details').open = true")
    page.focus("[data-key=check]")
    page.evaluate("scrollTo({ top: 300, behavior: 'instant' })")
    place, before = page.evaluate("scrollY"), page.inner_text("#source dl")
    assert place > 100
    web.until(page, f"document.querySelector('#source dl').innerText !== {json.dumps(before)}")
    assert page.evaluate("document.activeElement.dataset.key") == "check"
    assert page.evaluate("document.querySelector('#repairs details').open")
    assert page.evaluate("scrollY") == place


def test_a_setting_is_changed_while_the_appliance_runs_and_who_did_it_is_shown(page):
    page.click("[data-key='set site']")
    form = page.locator(FORM)
    assert "on each report" in form.inner_text()
    form.locator("[name=value]").fill("Health Centre Three")
    form.locator(".primary").click()
    page.wait_for_selector("#changeable [data-key=site] >> text=Health Centre Three")
    assert "Changed by" in page.inner_text("#changeable [data-key=site]")
    assert "Never changed here" in page.inner_text("#changeable [data-key=keep_days]")
    page.click("[data-key='set jpeg_quality']")
    form.locator("[name=value]").fill("1000")
    form.locator(".primary").click()
    assert page.evaluate("document.querySelector('dialog[open] [name=value]').validity.rangeOverflow")
    form.locator("text=Back").click()


def test_a_backup_is_made_on_one_touch_and_the_page_shows_that_it_runs(page):
    held = []
    page.route("**/api/v1/backups", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    page.click("#repairs [data-key=backup]")
    page.wait_for_selector("#backups progress")
    assert page.get_attribute("#backups [data-key=backup]", "aria-disabled") == "true"
    held[0].continue_()
    page.unroute("**/api/v1/backups")
    page.wait_for_selector("#backups .lines li")
    page.wait_for_selector("#outcome:visible")
    page.wait_for_selector("#backups progress", state="detached")
    assert "there is no backup" not in page.inner_text("#repairs").lower()


def test_a_notice_is_marked_as_seen(page, unclaimed):
    notice = "[data-key^='notice ']"
    page.wait_for_selector(notice)
    page.click(f"{notice} button")
    page.wait_for_selector(notice, state="detached")
    with closing(sqlite3.connect(next(unclaimed[1].glob("*.sqlite")))) as records:
        assert records.execute("SELECT COUNT(*) FROM notice WHERE seen_at IS NULL").fetchone() == (0,)


def test_another_release_is_used_after_a_question_and_the_previous_one_again(page):
    use = page.get_attribute("#model [data-key^='use ']", "data-key")
    page.click(f"[data-key='{use}']")
    page.click(f"{FORM} button:not(.primary)")
    page.wait_for_selector(FORM, state="detached")
    assert "lung-s" in page.inner_text("#model dd")
    page.click(f"[data-key='{use}']")
    page.click(f"{FORM} .primary")
    page.wait_for_selector(f"#model dd:has-text('{use.removeprefix('use ')}')")
    assert "the settings name another release" in page.inner_text("#outcome").lower()
    page.click("#model [data-key^='back to']")
    page.click(f"{FORM} .primary")
    page.wait_for_selector("#model dd:has-text('lung-s')")


def test_without_a_connection_the_page_states_it_and_keeps_what_it_knew(page):
    page.context.set_offline(True)
    page.wait_for_selector("#offline:visible")
    assert "Sends images" in page.inner_text("#source")
    page.context.set_offline(False)
    page.wait_for_selector("#offline", state="hidden")


def test_nobody_is_asked_to_sign_in_before_they_want_to_see_more(web, claimed):
    asked = []
    with web.opened(
        f"{claimed}device",
        before=lambda page: page.on("request", lambda request: asked.append(request.url)),
    ) as page:
        whole(page)
        assert page.query_selector(FORM) is None
        assert "role Service. Sign in" in page.inner_text("#backups")
        assert not [url for url in asked if re.search(r"doctor|backups|acceptances|v1/log|recordings", url)]
        page.click("#backups [data-key=gate]")
        sign_in(page, "boss")
        page.wait_for_selector("#backups [data-key=backup]")
        page.wait_for_selector("#machine table")
        page.click("#log summary")
        page.wait_for_selector("#log select")


def test_who_has_no_role_sees_why_and_nothing_of_the_person_before(web, claimed):
    with web.opened(f"{claimed}device") as page:
        whole(page)
        page.click("#person")
        sign_in(page, "boss")
        page.wait_for_selector("#backups [data-key=backup]")
        token = page.request.get(f"{claimed}api/v1/sessions/current").json()["csrf_token"]
        nurse = {"badge": "n-017", "name": "Fatuma Ali", "pin": PIN}
        assert page.request.post(f"{claimed}api/v1/operators", data=nurse, headers={"X-CSRF-Token": token}).status == 201
        page.click("#person")
        page.click(f"{FORM} .primary")
        page.wait_for_selector(f"{FORM} [name=pin]")
        sign_in(page, "n-017")
        page.wait_for_selector("#backups >> text=which you do not have")
        assert page.locator("#machine table, #backups [data-key=backup]").count() == 0
        assert "you have none" in page.inner_text("#acceptances")


FAULTS = {
    "health": (503, {"type": "urn:sonoedge:disk", "detail": "Clips are not stored. The disk is full", "fix": "Free some room"}),
    "source/counts": (200, {"received": 10, "read": 3, "dropped": {"link:payload-crc": 2, "displaced": 0, "martian": 5}}),
    "models": (
        200,
        {
            "active": "lung-s-0.4.0",
            "why": "it was chosen",
            "previous": "lung-m-0.3.2",
            "refusal": {"release": "ward-1.0.0", "at": "2026-11-25T09:53:49Z", "problem": "It is damaged", "fix": "Install it again"},
            "releases": [{"release": "ward-1.0.0", "built_in": False, "signed_by": None, "active": False, "problem": "It is damaged"}],
        },
    ),
}


def answer_with_faults(page):
    for path, (status, body) in FAULTS.items():
        page.route(f"**/api/v1/{path}", partial(fulfil, status, body))


def fulfil(status, body, route):
    route.fulfill(status=status, json=body)


def test_faults_are_stated_in_words_and_an_unknown_cause_as_it_is(web, unclaimed):
    with web.opened(f"{unclaimed[0]}device", before=answer_with_faults, tolerated=TOLERATED) as page:
        page.wait_for_selector("[data-key=refusal]")
        stop = page.inner_text("[data-key=health]")
        assert all(word in stop for word in ("Does not work", "not ready", "The disk is full", "Free some room"))
        table = page.locator("#source table").first  # what the source itself lost follows in one of its own, on a busy machine
        rows = dict(row.split("\t") for row in table.locator("tbody tr").all_inner_texts())
        assert rows == {"Damaged on the way": "2", "martian": "5"}
        assert "ward-1.0.0 was refused" in page.inner_text("[data-key=refusal]")
        assert page.locator("[data-key=refusal] [data-key='back to lung-m-0.3.2']").count() == 1
        assert "UNSIGNED" in page.inner_text("#model")
        assert page.locator("[data-key='use ward-1.0.0']").count() == 0


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_page_fits_every_screen_and_every_finger(web, unclaimed, width, height):
    with web.opened(f"{unclaimed[0]}device", width, height, tolerated=TOLERATED) as page:
        whole(page)
        page.wait_for_selector("#machine table")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert (page.evaluate(SMALL), page.evaluate(CLOSE)) == ([], 0)
