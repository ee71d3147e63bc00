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
