"""A page that was loaded once opens while the appliance is away, states that, and goes on by itself; an old page gives way to a new one."""

import json
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOWN = "document.getElementById('cover').hidden"
LOST = f"!({SHOWN}) && document.getElementById('cover-title').textContent === 'Connection lost'"
SOURCE = "virtual://chest?fps=8&size=200"
STORED = "(async () => (await caches.keys()).length === 1 && Boolean(navigator.serviceWorker.controller))()"
EVERYTHING = """(async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys())
  .map(({ url }) => new URL(url).pathname)))).flat())()"""
FILE_SIZES = """performance.getEntriesByType("resource").filter(({ name }) => name.includes("/web/")).map((each) => each.transferSize)"""


def test_a_page_that_was_loaded_once_opens_without_the_appliance_and_goes_on_when_it_is_back(web):
    with ExitStack() as first:
        url = first.enter_context(web.appliance(SOURCE)).replace("127.0.0.1", "localhost")
        with web.opened(url, tolerated=web.away) as page:
            web.until(page, f"{SHOWN} && {STORED}")
            first.close()
            page.reload()
            web.until(page, LOST)
            assert page.inner_text("#exam-begin") == "Begin exam"
            page.goto(f"{url}exams")
            page.wait_for_selector("#problem:visible")
            page.goto(url)
            web.until(page, LOST)
            with web.appliance(SOURCE, port=str(urlsplit(url).port)):
                web.until(page, f"{SHOWN} && document.getElementById('exam-protocol').length > 0")
                page.wait_for_selector("#exam-problem", state="hidden")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("exams", "#none"),
        ("people", "dialog[open]"),
        ("feedback", "#readers p"),
        ("home", "#today p"),
        ("device", "#changeable li"),
        ("probe", "#checks"),
    ],
)
def test_a_page_that_lost_the_appliance_reads_again_when_it_is_back(web, tmp_path, path, content):
    with ExitStack() as first:
        url = first.enter_context(web.appliance(SOURCE, tmp_path)).replace("127.0.0.1", "localhost")
        with web.opened(url, tolerated=(*web.away, "401 (Unauthorized)")) as page:
            web.until(page, f"{SHOWN} && {STORED}")
            first.close()
            page.goto(f"{url}{path}")
            page.wait_for_selector("#away:visible")
            with web.appliance(SOURCE, tmp_path, port=str(urlsplit(url).port)):
                page.wait_for_selector(f"{content}:visible")
                page.wait_for_selector("#away", state="hidden")


def test_nothing_of_the_api_is_stored(web):
    with web.appliance(SOURCE) as url, web.opened(url) as page:
        web.until(page, f"{SHOWN} && {STORED}")
        page.goto(f"{url}exams")
        page.goto(url)
        web.until(page, SHOWN)
        stored = page.evaluate(EVERYTHING)
        assert "/" in stored
        assert "/web/i18n/en.json" in stored
        assert [path for path in stored if path.startswith("/api") or path == "/metrics"] == []


def answer_of_another_release(route):
    answer = route.fetch()
    route.fulfill(response=answer, body=json.dumps(answer.json() | {"shell": "0123456789abcdef"}))


def test_a_page_of_another_release_loads_again_once_but_not_over_an_open_form_or_exam(web):
    with web.appliance(SOURCE) as url, web.opened(url) as page:
        loads = []
        page.on("framenavigated", lambda frame: loads.append(frame.url))
        web.until(page, SHOWN)
        page.click("#exam-begin")
        web.until(page, "!document.getElementById('exam-end').hidden")
        page.route("**/api/v1/version", answer_of_another_release)
        page.evaluate(
            "(async () => (await import('/web/parts/shell.js')).compareShell(() => !document.getElementById('exam-end').hidden))()"
        )
        page.wait_for_selector("text=The appliance was updated")
        page.click("#exam-end")
        page.wait_for_selector("dialog.form[open]")
        page.wait_for_timeout(2500)  # longer than the page waits before it looks again
        assert loads == []
        with page.expect_navigation():
            page.click("dialog.form[open] .primary")
        web.until(page, SHOWN)
        page.wait_for_selector("text=The appliance was updated")  # the same answer again: it is stated, and not tried for ever
        assert len(loads) == 1


def test_a_second_load_receives_only_what_has_changed(web):
    with web.appliance(SOURCE) as url, web.opened(url) as page:
        web.until(page, SHOWN)
        page.reload()
        web.until(page, SHOWN)
        modules = page.evaluate(FILE_SIZES)
        assert len(modules) > 20
        assert max(modules) < 1000
