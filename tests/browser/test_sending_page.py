"""What became of an exam at the hospital, in Chromium: a real exam and a real DICOM peer that refuses an object, then takes it."""

import os
from pathlib import Path

import pytest
import yaml
from pynetdicom import AE, AllStoragePresentationContexts, evt

from edge.people.actor import SHELL_ACTOR
from edge.people.permission import Role
from edge.services.people import PeopleService
from tests.edge.exchange.conftest import Ward

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PIN = "482915"
FORM = "dialog.form[open]"
SIZES = ((360, 740), (800, 1280), (1280, 800))
STATE = "document.querySelector('.delivery')?.dataset.state"


class Pacs:
    """Refuses the reports while it is `strict`."""

    def __init__(self):
        self.strict, self.held = True, []

    def store(self, event):
        if self.strict and event.dataset.Modality == "SR":
            return 0xC000
        self.held.append(event.request.AffectedSOPInstanceUID)
        return 0


@pytest.fixture(scope="module")
def pacs():
    made, entity = Pacs(), AE("PACS")
    entity.supported_contexts = AllStoragePresentationContexts
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, made.store)])
    made.port = server.server_address[1]
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def exam(web, pacs, tmp_path_factory):
    """The address of a signed exam on an appliance whose hospital has one peer, which is sent to on request only."""
    folder = tmp_path_factory.mktemp("ward") / "data"
    ward = Ward(folder, size=200)
    people = PeopleService.of(ward.store)
    people.grant(SHELL_ACTOR, people.enrol(SHELL_ACTOR, "boss", "Almaz Bekele", PIN).id, Role.ADMIN)
    ward.store.close()
    peer = {
        "kind": "dicom",
        "name": "pacs",
        "host": "127.0.0.1",
        "port": pacs.port,
        "ae_title": "PACS",
        "commitment": False,
        "send": "asked",
    }
    (folder / "hospital.yaml").write_text(yaml.safe_dump({"peers": [peer]}))
    with web.appliance("virtual://chest?fps=5&size=100", folder) as url:
        yield f"{url}exam?id={ward.exam_id}"


def sign_in(page):
    page.wait_for_selector(FORM)
    page.fill(f"{FORM} [name=name]", "boss")
    page.fill(f"{FORM} [name=pin]", PIN)
    page.click(f"{FORM} .primary")
    page.wait_for_selector(f"{FORM}", state="detached")


def picture(page, name, part="#sending"):
    folder = os.environ.get("SCREENSHOTS")
    for width, height in SIZES if folder else ():
        page.set_viewport_size({"width": width, "height": height})
        page.locator(part).scroll_into_view_if_needed()
        page.locator(part).screenshot(path=str(Path(folder) / f"sending-{name}-{width}.png"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_exam_is_sent_by_a_touch_and_the_page_follows_it_to_its_end(web, exam, pacs):
    with web.opened(exam, 360, 740, tolerated="the server responded with a status of 401") as page:
        sign_in(page)
        web.until(page, "document.getElementById('send')?.getBoundingClientRect().height >= 60")
        picture(page, "before")
        page.click("#send")
        web.until(page, f"{STATE} === 'refused'")
        shown = page.inner_text(".delivery")
        assert "Refused" in shown
        assert "pacs answers C000" in shown
        assert "then try again" in shown
        page.click("text=Show each object")
        page.wait_for_selector(".manifest li")
        picture(page, "refused")
        page.goto(f"{exam.partition('exam?')[0]}home")
        page.wait_for_selector("#outbox li >> text=pacs: report 1")
        assert "Refused by the hospital: 1" in page.inner_text("#outbox")
        picture(page, "home", "#hospital")
        page.click("#outbox li a")
        page.wait_for_selector(".delivery")
        page.click("text=Show each object")
        page.wait_for_selector(".manifest >> text=Refused")
        pacs.strict = False
        page.click("[id$=-retry]")
        web.until(page, f"{STATE} === 'sent'")
        assert "Refused" not in page.inner_text(".manifest")
        assert page.locator("#send").count() == 0
        assert page.locator("[id$=-cancel]").count() == 0
        assert f"pacs has {len(set(pacs.held))} of {len(set(pacs.held))} objects" in page.inner_text(".delivery")
        picture(page, "sent")


def test_nothing_keeps_people_from_using_it(web, exam, barriers):
    with web.opened(exam, 800, 1280, tolerated="the server responded with a status of 401", bypass_csp=True) as page:
        sign_in(page)
        page.wait_for_selector("#sending h2")
        assert barriers(page) == {}
