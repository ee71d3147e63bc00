"""Browsers and networks that lack something: no WebSocket, no JavaScript, an old engine, a large zoom."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOWN = "document.getElementById('cover').hidden"
SOURCE = "virtual://chest?fps=8&size=200&stay_s=4"
FRAME = "[...document.querySelectorAll('#figures div')].find((each) => each.textContent.startsWith('Frame')).textContent"
WITHOUT_SOCKETS = {
    "missing": "delete globalThis.WebSocket;",
    "never opens": "globalThis.WebSocket = class { constructor() { setTimeout(() => this.onclose?.(), 10); } close() {} };",
    "refused": "globalThis.WebSocket = class { constructor() { throw new DOMException('blocked', 'SecurityError'); } };",
    "opens and stays silent": """globalThis.WebSocket = class {
      constructor() { setTimeout(() => { this.onopen?.(); this.onclose?.(); }, 10); }
      close() {}
    };""",
}
COVERS = """new MutationObserver(() => { (window.covers ??= new Set()).add(document.getElementById("cover-title")?.textContent); })
  .observe(document, { subtree: true, childList: true, characterData: true });"""


@pytest.fixture(scope="module")
def url(web):
    with web.appliance(SOURCE) as url:
        yield url


@pytest.mark.parametrize("lacks", WITHOUT_SOCKETS)
def test_without_a_websocket_the_live_image_comes_by_events(web, url, lacks):
    with web.opened(url, before=lambda page: page.add_init_script(WITHOUT_SOCKETS[lacks] + COVERS)) as page:
        web.until(page, SHOWN)
        before = page.evaluate(FRAME)
        web.until(page, f"{FRAME} !== '{before}'")
        lost = page.evaluate("[...window.covers].includes('Connection lost')")
        assert lost == (lacks == "opens and stays silent"), "nothing is lost while another way is open"


def test_an_exam_works_without_a_websocket(web, url):
    with web.opened(url, before=lambda page: page.add_init_script(WITHOUT_SOCKETS["missing"])) as page:
        web.until(page, f"{SHOWN} && document.getElementById('exam-protocol').length > 1")
        page.click("#exam-begin")
        web.until(page, "document.querySelector('#zones .done')")
        page.click("#exam-end")
        page.click("dialog.form[open] .primary")
        web.until(page, "document.getElementById('exam-end').hidden")


NEEDED = "This page needs JavaScript"
PAGES_OF_MODULES = ("/web/main.js", "/web/nav.js")


def test_without_javascript_every_page_states_what_it_needs_in_every_language(web, url):
    for path in ("", "exams", "people"):
        with web.opened(url + path, 360, 740, java_script_enabled=False) as page:
            stated = page.inner_text("noscript")
            assert NEEDED in stated
            assert all(name in stated for name in ("navigateur", "navegador", "kivinjari", "አሳሽ", "متصفح", "ब्राउज़र"))
            assert page.is_visible("noscript p")


@pytest.mark.parametrize("lacks", ["Object.hasOwn", "createImageBitmap", "HTMLDialogElement"])
def test_a_browser_that_is_too_old_states_what_it_needs(web, url, lacks):
    """Of an engine without modules nothing but this script runs; here its modules are not loaded."""

    def old(page):
        page.add_init_script(f"delete {'globalThis.' if '.' not in lacks else ''}{lacks};")
        page.route(lambda address: address.endswith(PAGES_OF_MODULES), lambda route: route.abort())

    with web.opened(url, before=old, tolerated="net::ERR_FAILED") as page:
        page.wait_for_selector("#old p")
        assert NEEDED in page.inner_text("#old")


def test_a_browser_of_today_states_nothing_of_it(web, url):
    with web.opened(url) as page:
        web.until(page, SHOWN)
        assert page.query_selector("#old") is None


NARROW = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
CUT_OFF = """[...document.querySelectorAll("button, a, h1, h2, p, label, strong, dd, dt, li")].filter((each) => {
  const { left, right, width } = each.getBoundingClientRect();
  return each.checkVisibility() && width > 0 && !each.matches(".spoken, .spoken *") && (left < -1 || right > innerWidth + 1);
}).map((each) => each.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(("width", "height"), [(640, 400), (400, 640), (320, 256)])
@pytest.mark.parametrize("path", ["", "exams", "probe", "device", "people", "docs"])
def test_at_a_zoom_of_200_percent_nothing_is_cut_off(web, url, path, width, height):
    """A zoom of 200 % is a screen of half the size; 320 by 256 is the smallest of WCAG 2.2, 1.4.10."""
    with web.opened(url + path, width, height, tolerated="the server responded with a status of") as page:
        web.until(page, "document.querySelector('footer select') && document.title")
        page.wait_for_load_state("networkidle") if path else web.until(page, SHOWN)
        assert page.evaluate(NARROW)
        assert page.evaluate(CUT_OFF) == []
