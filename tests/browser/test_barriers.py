"""Every page, in each theme and direction of writing, and its dialogs, without a serious barrier for any reader: axe-core in Chromium."""

import pytest

from edge.api.app import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REFUSED = "the server responded with a status of"
FORM = "dialog.form[open]"
READY = "document.querySelector('footer select') && document.title"


@pytest.fixture(scope="module")
def url(web):
    with web.appliance("virtual://chest?fps=5&size=200") as url:
        yield url


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("path", [*sorted(PAGES), *(f"/welcome?step={step}" for step in ("administrator", "probe", "test"))])
def test_no_page_has_a_barrier(web, url, barriers, path, language):
    with web.opened(url, 360, 740, tolerated=REFUSED, bypass_csp=True) as page:
        page.evaluate("(language) => localStorage.setItem('language', language)", language)
        page.goto(f"{url}{path[1:]}")
        web.until(page, READY)
        page.wait_for_load_state("networkidle") if path != "/" else web.until(page, "document.getElementById('cover').hidden")
        assert barriers(page) == {}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_dialog_of_the_first_sign_in_has_no_barrier(web, url, barriers, language):
    with web.opened(url, 360, 740, tolerated=REFUSED, bypass_csp=True) as page:
        page.evaluate("(language) => localStorage.setItem('language', language)", language)
        page.goto(f"{url}people")
        page.wait_for_selector(FORM)
        assert barriers(page) == {}
