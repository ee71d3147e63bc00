"""The queue of differences on the feedback page in Chromium: cards, one touch for a cause, what was closed, and what a person sees."""

import os
from pathlib import Path

import pytest

from edge.exam.review.review import ImageQuality, ReviewAnswer, ZoneReading
from edge.people.actor import SHELL_ACTOR, Actor, Grant
from edge.people.permission import Role
from edge.records.people.operators import called
from edge.services.people import PeopleService
from tests.browser.signing_in import FORM, PIN, give_badge
from tests.edge.exchange.conftest import KEYS
from tests.edge.feedback.performance.clinic import SIDES, SmallClinic

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PART = "#differences"
CARDS = f"{PART} article"
SIZES = ((360, 740), (800, 1180), (1280, 800))
REFUSED = "the server responded with a status of"
TOUCHED = f"{PART} :is(button, a, summary, select)"
SMALL = f"[...document.querySelectorAll('{TOUCHED}')].filter((each) => each.offsetParent && each.offsetHeight < 48).length"


def read(clinic, exam, verdict, reader):
    review = clinic.reviews.begin(reader, exam)
    zones = {zone: ZoneReading(findings=dict.fromkeys(KEYS, verdict)) for zone in clinic.reviews.to_read(reader, exam)}
    quality = ImageQuality(scale="lung-5", version="1.0.0", value=4)
    clinic.reviews.save(reader, review.id, ReviewAnswer(zones=zones, quality=quality), review.version)


@pytest.fixture(scope="module")
def page_of(web, tmp_path_factory):
    """The address of the feedback page of a clinic with differences of each kind; `senior` over-reads, `scan` does not."""
    folder = tmp_path_factory.mktemp("clinic") / "data"
    clinic = SmallClinic(folder)
    people = PeopleService.of(clinic.store)
    persons = {}
    for badge, name, roles in (("senior", "Almaz Bekele", (Role.OVER_READ, Role.INTERPRET)), ("scan", "Sara Haile", (Role.SCAN,))):
        persons[badge] = people.enrol(SHELL_ACTOR, badge, name, PIN)
        for role in roles:
            people.grant(SHELL_ACTOR, persons[badge].id, role)
    senior = Actor("operator", called("Almaz Bekele", "senior"), persons["senior"].id, (Grant(Role.INTERPRET),))
    read(clinic, clinic.one("present", zones=("L1",)), "absent", senior)  # only the senior's own
    clinic.turned_out(clinic.one("present", zones=SIDES), present=False)
    clinic.one("present", "absent", zones=("L2",))
    clinic.one("unsure", "present", zones=("L2",))
    clinic.store.close()
    with web.appliance("virtual://chest?fps=5&size=100", folder) as url:
        yield f"{url}feedback"


def in_language(language):
    return lambda page: page.add_init_script(f"localStorage.setItem('language', '{language}')")


def sign_in(page, badge="senior"):
    page.click("#person")
    page.wait_for_selector(FORM)
    give_badge(page, badge)
    page.wait_for_selector(FORM, state="detached")


def picture(page, name):
    folder = os.environ.get("SCREENSHOTS")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.evaluate(SMALL) == 0
        if folder:
            page.locator(PART).screenshot(path=str(Path(folder) / f"differences-{name}-{width}.png"))


def card(finding, zone="L2"):
    return f'{CARDS}[data-place="{zone}/{finding}"]'


def test_who_has_not_signed_in_is_asked_to(web, page_of):
    with web.opened(page_of, *SIZES[0], tolerated=REFUSED) as page:
        page.wait_for_selector(f"{PART} >> text=Sign in")
        assert page.locator(CARDS).count() == 0


def test_a_difference_is_closed_by_one_touch_and_opened_again_with_a_reason(web, page_of, barriers):
    with web.opened(page_of, *SIZES[0], tolerated=REFUSED, bypass_csp=True) as page:
        sign_in(page)
        page.wait_for_selector(card("b_lines"))
        assert page.locator(CARDS).count() == 4
        assert page.locator(card("b_lines", "")).count() == 0
        assert page.locator(f"{card('b_lines', 'L1')} >> text=Only your own answer makes this difference").count() == 1
        page.click(f"{card('b_lines')} summary")
        page.fill(f"{card('b_lines')} textarea", "A rib lies in front of it")
        picture(page, "open")
        assert barriers(page) == {}
        page.click(f"{card('b_lines')} [data-cause=acquisition]")
        page.wait_for_selector(f"{PART} [data-part=done] >> text=Closed: L2")
        assert page.locator(CARDS).count() == 3
        page.wait_for_selector(f"{PART} [data-part=causes] >> text=fewer than 5")
        page.select_option(f"{PART} [name=state]", "closed")
        page.wait_for_selector(f"{card('b_lines')} .reopen")
        assert page.locator(CARDS).count() == 1
        assert page.locator(f"{card('b_lines')} >> text=Acquisition, stated by Almaz Bekele (senior)").count() == 1
        picture(page, "closed")
        page.click(f"{card('b_lines')} .reopen")
        page.fill(f"{FORM} [name=why]", "It was another zone")
        page.click(f"{FORM} .primary")
        page.wait_for_selector(f"{PART} >> text=No difference of this kind is closed.")
        page.select_option(f"{PART} [name=state]", "open")
        page.wait_for_selector(f"{card('b_lines')} >> text=Opened again by Almaz Bekele (senior): It was another zone")


def test_other_kinds_are_shown_when_asked_for(web, page_of):
    with web.opened(page_of, *SIZES[2], tolerated=REFUSED) as page:
        sign_in(page)
        page.wait_for_selector(CARDS)
        page.select_option(f"{PART} [name=kind]", "outcome")
        page.wait_for_selector(f"{card('b_lines', '')} >> text=What turned out: acute heart failure")
        assert page.locator(CARDS).count() == 1
        page.select_option(f"{PART} [name=kind]", "unsure")
        page.wait_for_selector(f"{CARDS}.unsure")
        assert page.locator(CARDS).count() == 3
        assert page.locator(f"{CARDS}.opposed").count() == 0


def test_who_does_not_over_read_sees_them_and_closes_nothing(web, page_of):
    with web.opened(page_of, *SIZES[1], tolerated=REFUSED) as page:
        sign_in(page, "scan")
        page.wait_for_selector(CARDS)
        assert page.locator(f"{PART} >> text=A person with the role over-read closes it.").count() == 4
        assert page.locator(f"{PART} [data-cause]").count() == 0


def test_what_went_wrong_is_stated_and_can_be_tried_again(web, page_of):
    with web.opened(page_of, *SIZES[0], tolerated=REFUSED) as page:
        refusal = {"detail": "The disk cannot be read", "fix": "Try again"}
        page.route("**/api/v1/differences**", lambda route: route.fulfill(status=503, json=refusal))
        sign_in(page)
        page.wait_for_selector("#problem >> text=The disk cannot be read")
        page.unroute("**/api/v1/differences**")
        page.click(f"{PART} [data-part=more]")
        page.wait_for_selector(CARDS)
        assert page.locator("#problem").is_hidden()


def test_it_is_readable_from_right_to_left(web, page_of):
    with web.opened(page_of, *SIZES[1], tolerated=REFUSED, before=in_language("ar")) as page:
        sign_in(page)
        page.wait_for_selector(card("b_lines"))
        assert page.get_attribute("html", "dir") == "rtl"
        page.click(f"{card('b_lines')} summary")
        picture(page, "ar")
