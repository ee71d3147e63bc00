"""In each language the page shows what the appliance states in that language: an exam with a wrong depth, a refusal and a skipped zone."""

import json
import re
import urllib.request

import pytest

from edge.api.app import WEB

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PIN = "482915"
FORM = "dialog.form[open]"
SIGNED_IN = "document.getElementById('person').dataset.kind === 'operator'"
REFUSED = "the server responded with a status of"
"""The browser logs each refused request."""
NOTE = "\u0633\u0639\u0627\u0644"
IDS = {"TOO", "SHALLOW", "BLUE", "PLAPS", "PIN", "SonoEdge", "virtual", "probe", "blue", "L1", "L2", "L3", "R1", "R2", "R3", "Almaz"}
COMMAND = "sonoedge model accept"
"""Codes, names of machines and zones, and abbreviations, which are the same in every language."""


@pytest.fixture
def claimed(web):
    with web.appliance("virtual://chest?fps=15&b_lines=2&size=250&depth_mm=60&fixed=1") as url:
        body = json.dumps({"badge": "n-017", "name": "Almaz", "pin": PIN}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{url}api/v1/claim", body, {"content-type": "application/json"})).close()
        yield url


@pytest.fixture(params=["ar", "fr"])
def page(web, claimed, request):
    with web.opened(claimed, tolerated=REFUSED, locale=request.param) as page:
        page.wait_for_selector(f"html[lang={request.param}]")
        page.language = request.param
        page.stated = {
            key: text
            for folder in ("i18n", "i18n/stated")
            for key, text in json.loads((WEB / folder / f"{request.param}.json").read_text()).items()
        }
        yield page


def sign_in(web, page, pin):
    page.fill(f"{FORM} [name=name]", "n-017")
    page.fill(f"{FORM} [name=pin]", pin)
    page.click(f"{FORM} .primary")


def shows(part, text):
    """A line of guidance is shown for a moment only."""
    return f"document.getElementById('{part}').textContent.includes({json.dumps(text)})"


def english_in(text):
    return set(re.findall(r"[A-Za-z][A-Za-z0-9]+", text.replace(COMMAND, ""))) - IDS


def test_an_exam_is_stated_in_the_language_of_the_page(web, page):
    stated = page.stated
    page.wait_for_selector("#person[data-kind=nobody]")
    page.click("#person")
    sign_in(web, page, "111222")
    page.wait_for_selector(f"{FORM} .problem:not([hidden])")
    assert page.inner_text(f"{FORM} .problem") == stated["says.sign_in_refused"]
    sign_in(web, page, PIN)
    web.until(page, SIGNED_IN)

    page.select_option("#exam-protocol", "blue-6")
    page.click("#exam-begin")
    deeper = stated["says.too_shallow"].format(low=80)
    web.until(page, shows("guide", deeper))
    web.until(page, shows("quality", deeper))

    page.click("#exam-keep")
    page.wait_for_selector("#exam-problem:not([hidden])")
    assert page.inner_text("#exam-problem") == stated["says.zone_empty_settings"].format(advice=deeper)

    page.click("#exam-skip")
    page.wait_for_selector("[data-reason=pain]")
    assert page.inner_text("[data-reason=pain]") == stated["says.skip_pain"]
    page.fill("#skip-note", NOTE)
    page.click("[data-reason=pain]")
    web.until(page, "document.querySelector('#zones [data-zone=L1]').className === 'skipped'")
    reason = stated["says.skip_noted"].format(why=stated["says.skip_pain"], note=NOTE)
    assert reason in page.inner_text("#zones [data-zone=L1]")
    assert stated["named.left_lower_blue_point"] in page.get_attribute(".zone[data-zone=L2]", "aria-label")
    assert stated["named.blue_points_six"] in page.inner_text("#exam-title")
    if page.language == "ar":
        assert (
            english_in(" ".join(page.inner_text(part) for part in ("#guide", "#quality", "#exam-title", "#exam-state", "#zones"))) == set()
        )

    page.click("#exam-end")
    page.click(f"{FORM} .primary")
    web.until(page, "document.getElementById('exam-end').hidden")
    page.click("#exam-open")
    page.wait_for_selector("[data-zone=L1]")
    assert reason in page.inner_text("[data-zone=L1]")
    if page.language == "ar":
        assert english_in(page.inner_text("#zones")) == set()


def test_what_comes_next_is_stated_with_the_name_of_the_zone_in_the_language_of_the_page(web):
    with web.appliance("virtual://chest?fps=15&b_lines=2&size=250") as url, web.opened(url, locale="ar") as page:
        stated = json.loads((WEB / "i18n/stated/ar.json").read_text())
        page.select_option("#exam-protocol", "blue-6")
        page.click("#exam-begin")
        web.until(page, "document.querySelector('#zones [data-zone=L1]').className === 'done'")
        begun = stated["says.zones_done"].format(done=1, zones=6)
        place = stated["named.left_lower_blue_point"]
        web.until(page, shows("guide", stated["says.next_zone_lift"].format(begun=begun, zone="L2", place=place)))
        assert english_in(" ".join(page.inner_text(part) for part in ("#guide", "#zones", "#exam-state"))) == set()


STATED = "async ([english, says]) => (await import('/web/parts/stated.js')).stated(english, says)"


def test_a_sentence_without_a_text_or_with_a_value_that_is_missing_stays_english(web):
    with web.appliance("virtual://chest?fps=5&size=100") as url, web.opened(url, locale="fr") as page:
        page.wait_for_selector("html[lang=fr]")

        def stated(code, **params):
            return page.evaluate(STATED, ["As it came", {"code": code, "params": params}])

        assert page.evaluate(STATED, ["As it came", None]) == "As it came"
        assert stated("OF_TOMORROW") == "As it came"
        assert stated("HOLD", wanted=3) == "As it came"
        assert stated("SKIP_NOTED", why={"code": "of-tomorrow", "params": {}}, note="x") == "As it came"
        assert stated("HOLD", held=2, wanted=3) == "Ne bougez plus\u00a0: 2,0 sur 3 s"
        assert stated("WRONG_PROBE", kind="linear", kinds="curvilinear or sector").endswith("convexe ou sectorielle")
        assert stated("ZONE_CLOSED", zone="L1", state="a word of this site").find("a word of this site") > 0
