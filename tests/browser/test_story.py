"""A newcomer's way through the pages, by what is on the screen alone: from the first administrator to an amended report.

Each size of screen and each direction of writing takes an exam of its own: with a mouse, by touch, or with the keyboard alone. Pictures of
the pages lie in the folder SCREENSHOTS; those of the manual are `taking` and `exam` at 800 by 1280.
"""

import json
import os
from pathlib import Path

import pypdfium2
import pytest

from edge.api.shell import WEB

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PIN = "482915"
FORM = "dialog.form[open]"
SOURCE = "virtual://chest?stay_s=5&fps=15&b_lines=2"
SCREENS = [(360, 740, "en", "touch"), (800, 1280, "en", "mouse"), (800, 1280, "ar", "mouse"), (1280, 800, "en", "keyboard")]
WORDS = {language: json.loads((WEB / "i18n" / f"{language}.json").read_text()) for _, _, language, _ in SCREENS}
ZONES = ("L1", "L2", "L3", "R1", "R2", "R3")
WIDER_THAN_SCREEN = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """[...document.querySelectorAll("button, a, select, summary, .choice, .zone circle")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 47.5).map((each) => each.textContent)"""
CLOSE = """[...document.querySelectorAll(".chest svg")].flatMap((map) => {
  const circles = [...map.querySelectorAll("circle")].map((circle) => circle.getBoundingClientRect());
  const gap = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) - a.width;
  return circles.flatMap((a, i) => circles.slice(i + 1).map((b) => gap(a, b))).filter((each) => each < 7.5);
})"""
UNLABELLED = """[...document.querySelectorAll("input, select, canvas")]
  .filter((each) => each.checkVisibility() && !each.labels?.length && !each.ariaLabel).map((each) => each.outerHTML)"""
REVIEW_NAMES = "[...new Set([...document.querySelectorAll('input[form=review-form]')].map((each) => each.name))]"
THIRD_ZONE = "document.querySelectorAll('#zones .done').length === 2 && document.getElementById('guide').dataset.colour === 'green'"
PLAYED = "[...document.querySelectorAll('.film input')].some((place) => Number(place.value) > 0)"


@pytest.fixture(scope="module")
def url(web):
    with web.appliance(SOURCE) as url:
        yield url


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path_factory.mktemp("screens"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(params=SCREENS, ids=[f"{width}x{height}-{language}-{hand}" for width, height, language, hand in SCREENS])
def page(web, url, barriers, request):
    """409: an interpreter asks for reports and reviews that a blind reader does not see yet, and the browser logs the refusal.

    axe-core needs styles of its own, which the policy of the pages does not admit.
    """
    width, height, language, hand = request.param
    with web.opened(
        url, width, height, tolerated="the server responded with a status of", bypass_csp=True, has_touch=hand == "touch"
    ) as page:
        page.words, page.name, page.barriers = WORDS[language], f"{width}-{language}", barriers
        page.select_option("footer select >> nth=1", language)
        page.wait_for_selector(f"html[lang={language}]")
        web.hands[hand](page)
        yield page


def text(page, key, **values):
    """The beginning of a selector for a text of the page."""
    return "text=" + page.words[key].format(**values)


def type_pin(page, place=FORM):
    for digit in PIN:
        page.click(f"{place} [data-key='{digit}']")


def person(page):
    """Signs in; the first one to come enrols as administrator."""
    page.wait_for_selector(":is(#person[data-kind=nobody], #person[data-kind=unclaimed])")
    new = page.get_attribute("#person", "data-kind") == "unclaimed"
    page.click("#person")
    place = ".welcome form" if new else FORM
    page.fill(f"{place} [name={'badge' if new else 'name'}]", "n-017")
    if new:
        page.fill(f"{place} [name=name]", "Almaz Bekele")
    type_pin(page, place)
    page.click(f"{place} .primary")
    page.wait_for_selector("#person[data-kind=operator]")
    if new:
        page.wait_for_url("**/welcome?step=probe")
        go(page, "/")
    return new


def go(page, path):
    page.wait_for_selector("nav a", state="attached")  # the page draws its menu once its words have come
    if page.is_visible(".menu"):
        page.click(".menu")
    page.click(f"nav a[href='{path}']")
    page.wait_for_url(f"**{path}")


def take_roles(page, *roles):
    go(page, "/people")
    for number, role in enumerate(roles, 1):
        page.click(f"[data-badge=n-017] >> {text(page, 'people.give_role')}")
        page.select_option(f"{FORM} [name=role]", role)
        page.click(f"{FORM} .primary")
        page.wait_for_selector(f"[data-badge=n-017] .role >> nth={number}")  # the first is the administrator's
    go(page, "/")


def fits(page, pictures, name):
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=pictures / f"{name}-{page.name}.png", full_page=True)
    assert page.evaluate(WIDER_THAN_SCREEN) <= 0, name
    assert page.evaluate(SMALL) == [], name
    assert page.evaluate(CLOSE) == [], name
    assert page.evaluate(UNLABELLED) == [], name
    assert page.words["notice"] in page.inner_text("header")
    assert page.barriers(page) == {}, name


def scan(web, page, pictures):
    page.select_option("#exam-protocol", "blue-6")
    page.click("#exam-begin")
    web.until(page, "!document.querySelector('#zones .done') && !document.getElementById('exam-end').hidden")
    web.until(page, THIRD_ZONE)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=pictures / f"taking-{page.name}.png")
    web.until(page, f"document.querySelectorAll('#zones .done').length === {len(ZONES)}")
    page.click("#exam-end")
    page.click("#exam-open")
    page.wait_for_selector(".zone-card")


def review(page):
    page.click("#review-begin")
    page.wait_for_selector("#review-form")
    assert page.query_selector(".percent") is None
    for name in page.evaluate(REVIEW_NAMES):
        page.check(f"input[form=review-form][name='{name}'] >> nth=1")
    page.click("#review-form .primary")
    page.wait_for_selector("#review .lines li")


def decide(page):
    for zone in ZONES[:-1]:
        page.click(f"[data-zone={zone}] .accept")
        page.wait_for_selector(f"[data-zone={zone}] .accept", state="detached")
    last = f"[data-zone={ZONES[-1]}]"
    page.click(f"{last} [data-finding=b_lines] .decide >> {text(page, 'verdict.present')}")
    page.wait_for_selector(f"{last} [data-finding=b_lines] [data-decision=edited]")
    assert page.is_hidden("#sign")
    page.click(f"{last} .accept")


def test_a_newcomer_comes_from_the_first_sign_in_to_a_signed_and_amended_report(web, url, page, pictures):
    if person(page):
        take_roles(page, "scan", "interpret")
    web.until(page, "document.getElementById('cover').hidden && document.getElementById('exam-protocol').length > 1")
    fits(page, pictures, "scan")
    scan(web, page, pictures)
    page.locator(".film").first.scroll_into_view_if_needed()  # a clip is loaded when it comes on the screen
    web.until(page, PLAYED)
    review(page)
    fits(page, pictures, "exam")
    decide(page)
    page.click("#sign")
    page.fill(f"{FORM} [name=conclusion]", "B-lines in one zone")
    fits(page, pictures, "signature")
    page.click(f"{FORM} .primary")
    page.wait_for_selector("#reports li")
    page.click("[data-zone=R3] [data-finding=b_lines] .change")
    page.click(f"[data-zone=R3] [data-finding=b_lines] .decide >> {text(page, 'verdict.absent')}")
    page.wait_for_selector("#amend.primary")
    page.click("#amend")
    page.fill(f"{FORM} [name=why]", "Read again")
    assert page.input_value(f"{FORM} [name=conclusion]") == "B-lines in one zone"
    page.click(f"{FORM} .primary")
    page.wait_for_selector("#reports li >> nth=1")
    decided = page.words["decided.edited"].format(verdict=page.words["verdict.absent"], by="Almaz Bekele (n-017)")
    assert decided in page.inner_text("[data-zone=R3]")
    fits(page, pictures, "signed")
    go(page, "/exams")
    page.wait_for_selector("#exams li")
    fits(page, pictures, "exams")
    assert page.words["state.amended"] in page.inner_text("#exams li >> nth=0")
    paper = page.request.get(f"{url}api/v1/exams/{page.get_attribute('#exams a', 'href').split('=')[1]}/report.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    (pictures / f"report-{page.name}.pdf").write_bytes(paper.body())
    printed = pypdfium2.PdfDocument(paper.body())
    assert "B-lines in one zone" in printed[0].get_textpage().get_text_range()
    assert len([each for each in printed[1].get_objects() if each.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]) == len(ZONES)
