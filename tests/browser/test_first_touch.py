"""A page that still loads: a touch waits for the page to listen, and is never lost."""

import time

import pytest

from edge.api.app import PAGES

SLOW_S = 1.5
LISTENS = "!document.documentElement.inert || document.querySelector('dialog[open]') !== null"
"""The people page asks for a person first."""


def late(page):
    """The module of the exam arrives after everything else."""
    page.route("**/web/exam.js", lambda route: (time.sleep(SLOW_S), route.continue_()))


@pytest.fixture(scope="module")
def url(web):
    with web.appliance("virtual://chest?fps=15&b_lines=2") as at:
        yield at


def test_a_touch_while_the_page_loads_is_not_lost(web, url):
    with web.opened(url, before=late) as page:
        page.click("#exam-begin")
        page.locator("#exam-end").wait_for()
        page.click("#exam-end")
        page.click("dialog[open] .primary")
        page.locator("#exam-begin").wait_for()


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/exam"])
def test_every_page_listens_when_it_has_loaded(web, url, path):
    with web.opened(f"{url}{path[1:]}", tolerated="401 (Unauthorized)") as page:
        web.until(page, LISTENS)


def test_a_page_that_lacks_a_module_can_be_left(web, url):
    with web.opened(url, before=lambda page: page.route("**/web/exam.js", lambda route: route.abort()), tolerated=web.away) as page:
        web.until(page, LISTENS)
