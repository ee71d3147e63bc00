"""How likely a condition is after one sign, in Chromium: stated, calculated, refused, and hidden from a blind reader."""

import os
from pathlib import Path

import pytest

from edge.people.actor import SHELL_ACTOR
from edge.people.permission import Role
from edge.services.people import PeopleService
from tests.edge.exchange.conftest import Ward

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PIN = "482915"
FORM = "dialog.form[open]"
PANEL = "#post-test"
HEARD = f"{PANEL} [role=status]"
SIZES = ((360, 740), (800, 1180), (1280, 800))
REFUSED = "the server responded with a status of"
WET = {"L1": "present", "L2": "present", "L3": "absent", "R1": "present", "R2": "present", "R3": "absent"}
BEGIN_REVIEW = """async () => {
  const { ask } = await import("/web/api.js");
  await ask("POST", `exams/${new URLSearchParams(location.search).get("id")}/reviews`, {});
}"""
PLAIN = "[...document.querySelectorAll('#post-test .quoted')].every(({ lang, dir }) => lang === 'en' && dir === 'ltr')"


@pytest.fixture(scope="module")
def exams(web, tmp_path_factory):
    """The addresses of two exams that are not signed: one for the stories, and one that is reviewed."""
    folder = tmp_path_factory.mktemp("ward") / "data"
    ward = Ward(folder, size=128)
    people = PeopleService.of(ward.store)
    people.grant(SHELL_ACTOR, people.enrol(SHELL_ACTOR, "reader", "Almaz Bekele", PIN).id, Role.INTERPRET)
    ids = [ward.take(identifier=f"P-{number}", zones=WET) for number in (2, 3)]
    ward.store.close()
    with web.appliance("virtual://chest?fps=5&size=100", folder) as url:
        yield [f"{url}exam?id={each}" for each in ids]


@pytest.fixture
def opened(web, exams):
    """Opens an exam with the panel, signed in."""

    def open_(number=0, size=SIZES[0], language="en", **how):
        return web.opened(exams[number], *size, tolerated=REFUSED, before=lambda page: page.add_init_script(in_language(language)), **how)

    return open_


def in_language(language):
    return f"localStorage.setItem('language', '{language}')"


def sign_in(page):
    page.wait_for_selector(FORM)
    page.fill(f"{FORM} [name=name]", "reader")
    page.fill(f"{FORM} [name=pin]", PIN)
    page.click(f"{FORM} .primary")
    page.wait_for_selector(FORM, state="detached")
    page.wait_for_selector(f"{PANEL} summary")


def choose(page, condition, sign):
    page.check(f"{PANEL} [name=condition][value='{condition}']")
    page.check(f"{PANEL} [name=sign][value={sign}]")


def calculate(page):
    page.click(f"{PANEL} form button.primary")
    page.wait_for_selector(f"{HEARD} p")
    return page.inner_text(HEARD)


def picture(page, name):
    folder = os.environ.get("SCREENSHOTS")
    for width, height in SIZES if folder else ():
        page.set_viewport_size({"width": width, "height": height})
        page.locator(PANEL).screenshot(path=str(Path(folder) / f"post-test-{name}-{width}.png"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("hand", ["mouse", "touch", "keyboard"])
def test_30_percent_and_the_sign_of_the_exam_give_a_result_with_its_figures(web, opened, hand):
    with opened(has_touch=hand == "touch") as page:
        sign_in(page)
        web.hands[hand](page)
        assert page.locator(f"{PANEL} form").count() == 0, "it is closed at first, and asks for nothing"
        page.click(f"{PANEL} summary")
        page.wait_for_selector(f"{PANEL} form")
        assert page.input_value("#post-before") == ""
        choose(page, "acute heart failure", "ahf-b-lines")
        assert "The findings of this exam state this sign: Present" in page.inner_text("#post-answer")
        for _ in range(3):
            page.click(f"{PANEL} .stepped button >> text=+10")
        assert page.input_value("#post-before") == "30"
        assert calculate(page).splitlines()[0] == "76 %"
        assert "30 % before, 76 % after (no interval is known)" in page.inner_text(HEARD)
        shown = page.inner_text(PANEL)
        for text in (
            "Not figures of this site",
            "thennt.com",
            "several machines",
            "7.4 (no interval is known)",
            "Research use, not a diagnosis",
        ):
            assert text in shown
        page.click(f"{PANEL} .stepped button >> text=+1")
        assert page.inner_text(HEARD) == "", "a result of another number is not shown"


def test_a_person_states_another_sign_with_its_interval_and_cannot_tell_refuses(opened):
    with opened() as page:
        sign_in(page)
        page.click(f"{PANEL} summary")
        page.wait_for_selector(f"{PANEL} form")
        choose(page, "pneumonia", "pneumonia-all-ages")
        page.check(f"{PANEL} [name=answer][value=present]")
        page.fill("#post-before", "30")
        assert "30 % before, 83 % after (62 % to 93 %)" in calculate(page)
        assert page.locator(f"{PANEL} .interval").count() == 1
        assert "11.05 (3.76 to 32.5)" in page.inner_text(PANEL)
        picture(page, "result")
        page.check(f"{PANEL} [name=answer][value=unsure]")
        assert "cannot be assessed" in calculate(page)
        assert page.locator(f"{PANEL} svg").count() == 0
        page.check(f"{PANEL} [name=answer][value=absent]")
        page.fill("#post-before", "100")
        assert "no sign changes a certainty" in calculate(page)
        page.fill("#post-before", "5")
        assert calculate(page).splitlines()[0] == "less than 1 %"


def test_in_arabic_the_panel_is_from_right_to_left_and_a_source_stays_as_it_is(opened):
    with opened(language="ar") as page:
        sign_in(page)
        page.click(f"{PANEL} summary")
        page.wait_for_selector(f"{PANEL} form")
        choose(page, "pneumonia", "pneumonia-all-ages")
        page.check(f"{PANEL} [name=answer][value=unsure]")
        page.fill("#post-before", "30")
        assert "لا يمكن تقييم هذه العلامة" in calculate(page)
        page.check(f"{PANEL} [name=answer][value=present]")
        assert "التهاب رئوي" in calculate(page)
        assert "Crit Ultrasound J" in page.inner_text(PANEL)
        assert page.evaluate(PLAIN)
        picture(page, "ar")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_keeps_people_from_using_it(opened, barriers, language):
    with opened(size=SIZES[1], language=language, bypass_csp=True) as page:
        sign_in(page)
        page.click(f"{PANEL} summary")
        page.wait_for_selector(f"{PANEL} form")
        choose(page, "acute heart failure", "ahf-lung-ultrasound-2025")
        page.fill("#post-before", "30")
        calculate(page)
        picture(page, f"exam-{language}")
        assert barriers(page) == {}


def test_a_decision_on_a_finding_changes_the_sign_and_removes_the_result(web, opened):
    with opened() as page:
        sign_in(page)
        page.click(f"{PANEL} summary")
        page.wait_for_selector(f"{PANEL} form")
        choose(page, "acute heart failure", "ahf-b-lines")
        page.fill("#post-before", "30")
        calculate(page)
        page.click("[data-zone=L1] [data-finding=b_lines] [id$=-rejected-null]")
        web.until(page, "document.getElementById('post-answer').textContent.includes('Absent')")
        assert page.inner_text(HEARD) == ""
        assert page.input_value("#post-before") == "30", "what was typed stays"
        assert calculate(page).splitlines()[0] == "6 %"


def test_a_blind_reader_sees_none_of_it(web, opened):
    with opened(1) as page:
        sign_in(page)
        page.evaluate(BEGIN_REVIEW)
        page.reload()
        page.wait_for_selector("#review-form")
        assert page.is_hidden(PANEL)
        assert page.text_content(PANEL) == ""
