"""What the patient turned out to have, on the page of an exam in Chromium: recorded by touch, shown with what holds, and withdrawn."""

import os
from pathlib import Path

import pytest

from edge.people.actor import SHELL_ACTOR
from edge.people.permission import Role
from edge.services.people import PeopleService
from tests.browser.signing_in import FORM, PIN, give_badge
from tests.edge.exchange.conftest import Ward

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PART = "#outcome"
SIZES = ((360, 740), (800, 1180), (1280, 800))
REFUSED = "the server responded with a status of"
SMALL = f"[...document.querySelectorAll('{PART} button')].filter((each) => each.getBoundingClientRect().height < 47.5).length"


@pytest.fixture(scope="module")
def exam(web, tmp_path_factory):
    """The address of a signed exam."""
    folder = tmp_path_factory.mktemp("ward") / "data"
    ward = Ward(folder, size=64)
    people = PeopleService.of(ward.store)
    people.grant(SHELL_ACTOR, people.enrol(SHELL_ACTOR, "reader", "Almaz Bekele", PIN).id, Role.INTERPRET)
    ward.store.close()
    with web.appliance("virtual://chest?fps=5&size=100", folder) as url:
        yield f"{url}exam?id={ward.exam_id}"


def in_language(language):
    return f"localStorage.setItem('language', '{language}')"


def sign_in(page):
    page.wait_for_selector(FORM)
    give_badge(page, "reader")
    page.wait_for_selector(FORM, state="detached")


def record(page, present, reference):
    page.click("#outcome-pneumonia")
    page.select_option(f"{FORM} [name=present]", present)
    page.select_option(f"{FORM} [name=reference]", reference)
    page.click(f"{FORM} .primary")
    page.wait_for_selector(FORM, state="detached")


def picture(page, name):
    folder = os.environ.get("SCREENSHOTS")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.evaluate(SMALL) == 0
        if folder:
            page.locator(PART).screenshot(path=str(Path(folder) / f"outcome-{name}-{width}.png"))


def test_outcomes_are_recorded_and_the_page_states_what_holds(web, exam, barriers):
    with web.opened(exam, *SIZES[0], tolerated=REFUSED, bypass_csp=True) as page:
        sign_in(page)
        page.wait_for_selector(f"{PART} >> text=Nothing is recorded yet")
        record(page, "true", "x-ray")
        page.wait_for_selector(f"{PART} .truths >> text=present (by chest X-ray)")
        record(page, "false", "ct")
        page.wait_for_selector(f"{PART} .truths >> text=absent (by computed tomography)")
        record(page, "true", "panel")
        page.wait_for_selector(f"{PART} .truths >> text=not known: the best references differ")
        assert page.locator("#outcomes li").count() == 3
        picture(page, "differ")
        assert barriers(page) == {}
        page.click("#outcomes li:last-child button")
        page.fill(f"{FORM} [name=why]", "It was another patient")
        page.click(f"{FORM} .primary")
        page.wait_for_selector("#outcomes [data-withdrawn=true] >> text=Withdrawn by Almaz Bekele (reader): It was another patient")
        page.wait_for_selector(f"{PART} .truths >> text=absent (by computed tomography)")


def test_it_is_readable_from_right_to_left(web, exam):
    with web.opened(exam, *SIZES[1], tolerated=REFUSED, before=lambda page: page.add_init_script(in_language("ar"))) as page:
        sign_in(page)
        page.wait_for_selector("#outcome-pneumonia")
        assert page.get_attribute("html", "dir") == "rtl"
        picture(page, "ar")
