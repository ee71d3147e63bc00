"""A stick on the page, in Chromium: exams leave on a real disk for a receiver whose key a person confirms, and a review comes back."""

import json
import os
import secrets
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from edge.disk.layout import DataFolder
from edge.people.actor import SHELL_ACTOR
from edge.people.permission import Role
from edge.records.exams.reviews import Reviews
from edge.records.store import Store
from edge.services.board_key import board_signer, id_of_signer
from edge.services.people import PeopleService
from tests.edge.exchange.conftest import KEYS, Ward

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PIN = "482915"
FORM = "dialog.form[open]"
SIZES = ((360, 740), (800, 1180), (1280, 800))
TOLERATED = "the server responded with a status of 401"
READER = "Dr. Almaz"


@pytest.fixture(scope="module")
def ward(tmp_path_factory):
    """A data folder with one signed exam and an administrator; `board` is the id of its board."""
    made = Ward(tmp_path_factory.mktemp("ward") / "data")
    people = PeopleService.of(made.store)
    people.grant(SHELL_ACTOR, people.enrol(SHELL_ACTOR, "boss", "Almaz Bekele", PIN).id, Role.ADMIN)
    made.board = id_of_signer(board_signer(DataFolder(made.folder)))
    made.store.close()
    return made


@pytest.fixture(scope="module")
def url(web, ward):
    with web.appliance("virtual://chest?fps=5&size=100", ward.folder) as url:
        yield url


@pytest.fixture
def place():
    """A folder in which the appliance looks for sticks."""
    folder = Path("/media") / f"sonoedge-{secrets.token_hex(4)}"
    yield folder
    if folder.is_dir():
        subprocess.run(["umount", "--lazy", folder], check=False, capture_output=True)
        folder.rmdir()


@pytest.fixture
def keys(tmp_path):
    run("key", "new", "gondar-radiology", tmp_path)
    shown = json.loads(run("key", "show", tmp_path / "gondar-radiology.receiver.json", "--json"))
    return tmp_path, shown["fingerprint"]


@pytest.fixture
def signed_in(web, url):
    """The page of the exams, where the administrator is signed in, and the address of the appliance."""
    with web.opened(f"{url}exams", 360, 740, tolerated=TOLERATED) as page:
        sign_in(page)
        yield page, url


def run(*words):
    """What `sonoedge export` prints at the receiver's; its exit status is 1 where something is missing."""
    command = [sys.executable, "-m", "edge.cli", "export", *map(str, words)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode in (0, 1), ended.stderr
    return ended.stdout


def sign_in(page):
    page.wait_for_selector(FORM)
    page.fill(f"{FORM} [name=name]", "boss")
    page.fill(f"{FORM} [name=pin]", PIN)
    page.click(f"{FORM} .primary")
    page.wait_for_selector(FORM, state="detached")


def picture(page, name, part="#stick"):
    folder = os.environ.get("SCREENSHOTS")
    for width, height in SIZES if folder else ():
        page.set_viewport_size({"width": width, "height": height})
        page.locator(part).scroll_into_view_if_needed()
        page.screenshot(path=str(Path(folder) / f"stick-{name}-{width}.png"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def review_of(opened):
    """A review of the only exam in a folder, as a reader's program writes it."""
    exam = json.loads(next(opened.glob("*/exam.json")).read_text())
    zones = {clip["zone"] for clip in exam["clips"] if clip["superseded_at"] is None}
    readings = {zone: {"findings": dict.fromkeys(KEYS, "absent"), "score": 0} for zone in zones}
    quality = {"scale": "lung-5", "version": "1.0.0", "value": 4}
    return {"exam": exam["id"], "reader": READER, "read_at": "2026-11-30T10:00:00Z", "answer": {"zones": readings, "quality": quality}}


def test_exams_leave_on_a_stick_and_a_review_comes_back(signed_in, ward, place, keys, other_disk):
    (page, url), (secret, fingerprint) = signed_in, keys
    page.click("#stick >> text=Write all ended exams to a stick")
    page.wait_for_selector("#stick >> text=Which stick?")
    stick = other_disk(place)
    (stick / "gondar-radiology.receiver.json").write_bytes((secret / "gondar-radiology.receiver.json").read_bytes())
    page.check(f"#stick label:has-text('{place.name}') input")
    page.check("#stick label:has-text('gondar-radiology') input")
    assert "New here: compare its fingerprint" in page.inner_text("#stick")
    assert fingerprint[-4:] not in page.inner_text("#stick")
    picture(page, "choice")
    page.click("#stick .primary")
    page.fill(f"{FORM} [name=last]", "0000" if fingerprint[-4:] != "0000" else "1111")
    page.click(f"{FORM} .primary")
    page.wait_for_selector(f"{FORM} .problem >> text=This is another key")
    picture(page, "confirm", FORM)
    page.fill(f"{FORM} [name=last]", fingerprint[-4:].upper())
    page.click(f"{FORM} .primary")
    page.wait_for_selector("#stick progress")
    picture(page, "running")
    page.click("#stick [data-key=cancel]")
    page.wait_for_selector("#stick >> text=What is complete stays")
    page.click("#stick >> text=Write all ended exams to a stick")
    page.click("#stick .primary")
    page.wait_for_selector("#stick >> text=1 exam was written.")
    shown = page.inner_text("#stick")
    (bundle,) = stick.glob("sonoedge-*/")
    assert str(bundle) in shown
    assert "Something is missing of 1 exam" in shown, "the records of this exam lack what its maps are drawn from"
    assert "For gondar-radiology" in shown
    picture(page, "written")

    run("open", stick, secret / "opened", "--key", secret / "gondar-radiology.age", "--board", ward.board)
    (secret / "reviews.json").write_text(json.dumps({"reviews": [review_of(secret / "opened")]}))
    run("sign", secret / "reviews.json", secret / "gondar-radiology.pem", stick)

    page.click("#stick >> text=Receive reviews from a stick")
    page.wait_for_selector("#stick >> text=1 file of reviews is on it")
    page.check(f"#stick label:has-text('{place.name}') input")
    page.click("#stick .primary")
    page.wait_for_selector("#stick >> text=1 review was added.")
    picture(page, "received")

    page.goto(f"{url}exam?id={ward.exam_id}")
    page.click("#stick >> text=Write this exam to a stick")
    page.check(f"#stick label:has-text('{place.name}') input")
    page.check("#stick label:has-text('gondar-radiology') input")
    page.click("#stick .primary")
    page.wait_for_selector("#stick >> text=1 was there already.")
    picture(page, "exam")
    with closing(Store.open(ward.folder)) as store:
        assert READER in [each.reviewer.split(" (")[0] for each in Reviews(store).of_exam(ward.exam_id)]


def test_a_stick_appears_and_disappears_by_itself_and_nothing_keeps_people_from_choosing(web, url, place, other_disk, barriers):
    with web.opened(f"{url}exams", 800, 1180, tolerated=TOLERATED, bypass_csp=True) as page:
        sign_in(page)
        page.click("#stick >> text=Write all ended exams to a stick")
        page.wait_for_selector("#stick fieldset")
        other_disk(place)
        page.wait_for_selector(f"#stick label:has-text('{place.name}')")
        assert barriers(page) == {}
        subprocess.run(["umount", place], check=True)
        page.wait_for_selector(f"#stick label:has-text('{place.name}')", state="detached")
        page.click("#stick [data-key=back]")
        page.wait_for_selector("#stick >> text=Write all ended exams to a stick")


def test_in_arabic_it_reads_from_right_to_left_and_a_fingerprint_does_not(web, url, place, keys, other_disk):
    with web.opened(f"{url}exams", 360, 740, tolerated=TOLERATED, locale="ar") as page:
        sign_in(page)
        (other_disk(place) / "gondar-radiology.receiver.json").write_bytes((keys[0] / "gondar-radiology.receiver.json").read_bytes())
        page.click("#stick [data-key='open write']")
        shown = page.locator("#stick label:has-text('gondar-radiology')").last.inner_text()  # the first test made another one known
        begin = " ".join(keys[1][at : at + 4] for at in (0, 4, 8))
        assert f"\u2066{begin}" in shown
        assert page.evaluate("document.dir") == "rtl"
        picture(page, "arabic")
