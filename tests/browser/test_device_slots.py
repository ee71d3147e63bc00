"""The release, its slots and the requests on the device page: an appliance in a slot, and the program that does what is asked."""

import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from edge.disk.layout import DataFolder
from provisioning.boot.files import RealFiles
from provisioning.boot.place import Place
from provisioning.boot.selector import Selector
from provisioning.boot.slot import Mark
from provisioning.identity.device import load_device, make_device
from provisioning.site.policy import Policy
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECTION = "#slots"


def install(place, counter):
    """A slot with the environment of the tests."""
    selector = Selector(RealFiles(), place, lambda: "2026-11-30T09:00:00+00:00")
    slot = place.slot(selector.prepare())
    (slot / "bin").mkdir(parents=True)
    for name in ("python", "python3"):
        (slot / "bin" / name).symlink_to(Path(sys.executable).resolve())
    (slot / "bin" / "sonoedge").symlink_to(Path(sys.prefix) / "bin" / "sonoedge")
    (slot / "lib").symlink_to(Path(sys.prefix) / "lib")
    (slot / "pyvenv.cfg").write_bytes((Path(sys.prefix) / "pyvenv.cfg").read_bytes())
    selector.adopt(slot.name, Mark(f"{counter}.0", counter))


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """Release 2 runs from slot b, release 1 is the previous one; requests are taken."""
    place = Place(tmp_path_factory.mktemp("board") / "opt")
    for counter in (1, 2):
        install(place, counter)
    place.takes_requests.touch()
    policy = Policy(site="korle-bu", issued_at=datetime(2026, 11, 30, tzinfo=timezone.utc), networks=["127.0.0.0/8"], port=free_port())
    place.site.write_text(policy.model_dump_json())
    return place


@pytest.fixture(scope="module")
def page(board, tmp_path_factory, web):
    data = tmp_path_factory.mktemp("data")
    make_device(data / "identity")
    with web.appliance(None, data, python=board.current / "bin/python3") as url, web.opened(f"{url}device") as opened:
        opened.data = data
        yield opened


def do_requests(board, page):
    """What the unit of systemd starts when it sees a request."""
    command = [sys.executable, "-m", "edge.cli", "provision", "requested", "--root", str(board.root)]
    subprocess.run(command, check=True, env={**os.environ, "SONOEDGE_DATA_DIR": str(page.data)})


def test_1_the_slots_are_shown_with_what_each_is_for(page):
    section = page.locator(SECTION)
    section.get_by_text("Slot b: 2.0").wait_for()
    for words in ("Slot a: 1.0", "Active", "Previous", "x86_64" if os.uname().machine == "x86_64" else os.uname().machine):
        assert section.get_by_text(words).first.is_visible()
    section.get_by_text("What happened to the releases").click()
    assert section.get_by_text("OK-INSTALLED").count() == 2


def test_1_tablets_find_the_address_and_the_certificate_of_the_board(page):
    section, host = page.locator(SECTION), load_device(page.data / "identity").host
    section.get_by_text("korle-bu").wait_for()
    assert section.get_by_text(f"https://{host}:").is_visible()
    with page.expect_download() as coming:
        section.get_by_text("Certificate for tablets").click()
    assert coming.value.path().read_text().startswith("-----BEGIN CERTIFICATE-----")


def test_2_nothing_is_asked_without_a_yes(page):
    page.get_by_role("button", name="Restart the device").click()
    page.get_by_text("The image stops for some seconds").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("The image stops for some seconds").wait_for(state="hidden")
    assert not DataFolder(page.data).provision_request.exists()


def test_3_a_rollback_is_asked_for_done_and_shown(page, board):
    page.get_by_role("button", name="Return to the previous release").click()
    page.get_by_role("button", name="Yes").click()
    page.get_by_text("The board has the request").wait_for()
    assert DataFolder(page.data).provision_request.exists()
    do_requests(board, page)
    page.get_by_text("OK-ROLLBACK-ASKED: ").wait_for()
    page.get_by_text("On trial. Starts left: 3").wait_for()


def test_4_the_self_test_shows_each_check(page):
    page.get_by_role("button", name="Run the self-test").click()
    page.locator(SECTION).get_by_text("Self-test, ").wait_for()
    assert page.locator(SECTION).get_by_text("golden vectors").first.is_visible()
    assert page.locator(SECTION).get_by_text("the appliance answers on").is_visible()
    assert page.locator(SECTION).get_by_text("Not tested").first.is_visible()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (800, 1280), (1280, 800)])
def test_5_it_fits_the_screen(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if folder := os.environ.get("SCREENSHOTS"):
        page.locator(SECTION).screenshot(path=f"{folder}/slots-{width}.png")
