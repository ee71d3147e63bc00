"""What a reader of the screen hears: each text once after it has held, and nothing more while the image is steady."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEADY_MS = 10_000
SPOKEN = "document.querySelector('.spoken').textContent"
SAY = "async (texts) => { const { say } = await import('/web/parts/speaker.js'); for (const [about, text] of texts) say(about, text); }"
LISTEN = """() => {  // a cover over the image, on a busy machine, is no steady image
  window.heard = [];
  const listen = new MutationObserver((changes) => window.heard.push(...changes.map(({ target }) => target.textContent)));
  for (const region of document.querySelectorAll("[role=status], [role=alert]:not(#cover), [aria-live]")) {
    listen.observe(region, { childList: true, characterData: true, subtree: true });
  }
}"""


@pytest.fixture(scope="module")
def chest(web):
    with web.appliance("virtual://chest?fps=8&size=200&b_lines=2") as url:
        yield url


def test_a_text_that_does_not_hold_is_not_spoken_and_the_same_one_is_spoken_once(web, chest):
    with web.opened(f"{chest}docs") as page:
        page.wait_for_selector("#docs section")
        page.evaluate(SAY, [["lift", "Lift"], ["hold", "Hold still: 0.1"], ["hold", "Hold still: 0.2"]])
        web.until(page, f"{SPOKEN} === 'Hold still: 0.1'")
        page.evaluate(LISTEN)
        page.evaluate(SAY, [["lift", "Lift"], ["hold", "Hold still: 0.1"]])
        page.wait_for_timeout(1500)
        assert "Lift" not in page.evaluate("window.heard")


def test_while_the_image_is_steady_nothing_more_is_spoken(web, chest):
    with web.opened(chest) as page:
        web.until(page, f"document.getElementById('cover').hidden && {SPOKEN}.includes('Good image')")
        page.evaluate(LISTEN)
        page.wait_for_timeout(STEADY_MS)
        assert page.evaluate("window.heard") == []
