"""The pages on a network, an appliance, a disk or a clock that fails: nothing typed is lost, and nothing pretends to be live or stored."""

import json
import os
import subprocess
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from edge.disk.room import free_bytes
from firmware_bridge.recorder import FREE_FLOOR_BYTES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOWN = "document.getElementById('cover').hidden"
LOST = f"!({SHOWN}) && document.getElementById('cover-title').textContent === 'Connection lost'"
BEGUN = "!document.getElementById('exam-end').hidden"
DONE = "document.querySelectorAll('#zones .done').length"
FORM = "dialog.form[open]"
ENROL = ".welcome form"
SOURCE = "virtual://chest?fps=8&size=200&b_lines=2"
LIFTING = "virtual://chest?fps=15&b_lines=2&stay_s=5"
NARROW = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
REFUSED = "the server responded with a status of"
MB = 10**6
PIN = "482915"


@pytest.fixture(scope="module")
def chest(web):
    with web.appliance(SOURCE) as url:
        yield url


def end_exam(web, page):
    page.click("#exam-end")
    page.click(f"{FORM} .primary")
    web.until(page, f"!({BEGUN})")


def test_a_network_that_is_lost_in_an_exam_covers_the_image_and_the_exam_goes_on(web):
    with web.appliance(LIFTING) as url, web.cable(urlsplit(url).port) as cable, web.opened(cable.url, tolerated=web.away) as page:
        web.until(page, SHOWN)
        page.select_option("#exam-protocol", "blue-6")
        page.click("#exam-begin")
        web.until(page, f"{DONE} > 0")
        cable.cut()
        web.until(page, LOST)
        page.click("#exam-end")
        page.click(f"{FORM} .primary")
        web.until(page, "document.getElementById('exam-problem').textContent.startsWith('No connection to the appliance')")
        assert page.evaluate(BEGUN), "it does not pretend that the exam ended"
        cable.join()
        web.until(page, f"{SHOWN} && {DONE} > 1")
        assert json.load(urlopen(f"{url}api/v1/exams/current"))["running"]
        end_exam(web, page)


def test_what_was_typed_survives_a_restart_of_the_appliance_and_can_be_sent_then(web, tmp_path):
    with ExitStack() as first:
        url = first.enter_context(web.appliance(SOURCE, tmp_path))
        with web.opened(url, tolerated=(*web.away, REFUSED)) as page:
            page.goto(f"{url}welcome?step=administrator")
            page.fill(f"{ENROL} [name=badge]", "n-017")
            page.fill(f"{ENROL} [name=name]", "Almaz Bekele")
            first.close()
            page.fill(f"{ENROL} [name=pin]", PIN)
            page.click(f"{ENROL} .primary")
            page.wait_for_selector("#problem:visible")
            with web.appliance(SOURCE, tmp_path, port=str(urlsplit(url).port)):
                assert page.input_value(f"{ENROL} [name=name]") == "Almaz Bekele"
                page.fill(f"{ENROL} [name=pin]", PIN)
                page.click(f"{ENROL} .primary")
                page.wait_for_selector("#person[data-kind=operator]")


def test_two_tabs_show_the_same_exam(web, chest):
    with web.opened(chest) as page:
        with page.expect_popup() as popup:
            page.evaluate("void window.open('/')")
        other = popup.value
        web.until(page, SHOWN)
        page.click("#exam-begin")
        web.until(other, BEGUN)
        other.click("#exam-skip")
        other.click("[data-reason=pain]")
        web.until(page, "Boolean(document.querySelector('#zones .skipped'))")
        end_exam(web, other)
        web.until(page, f"!({BEGUN})")


def test_the_back_button_returns_to_the_live_image_and_the_open_exam(web, chest):
    with web.opened(chest) as page:
        web.until(page, SHOWN)
        page.click("#exam-begin")
        web.until(page, BEGUN)
        page.goto(f"{chest}exams")
        page.wait_for_selector("#exams li")
        page.go_back()
        web.until(page, f"{SHOWN} && {BEGUN}")
        page.go_forward()
        page.wait_for_selector("#exams li")
        page.go_back()
        web.until(page, f"{SHOWN} && {BEGUN}")
        end_exam(web, page)


def test_a_tablet_whose_clock_is_a_year_wrong_shows_the_live_image_and_takes_an_exam(web, chest):
    for date in ("2025-01-01", "2028-01-01"):
        with web.opened(chest, before=lambda page, date=date: page.clock.set_system_time(date)) as page:
            web.until(page, SHOWN)
            assert page.evaluate("new Date().getFullYear()") == int(date[:4])
            page.click("#exam-begin")
            web.until(page, BEGUN)
            end_exam(web, page)


def test_a_tablet_that_slept_does_not_show_its_old_image_as_live(web, chest):
    with web.opened(chest) as page:
        web.until(page, SHOWN)
        tablet = page.context.new_cdp_session(page)
        covers = """(() => { window.seen = []; new MutationObserver(() => { window.seen.push(document.getElementById("cover").hidden); })
          .observe(document.getElementById("cover"), { attributes: true }); })()"""
        page.evaluate(covers)
        tablet.send("Page.setWebLifecycleState", {"state": "frozen"})
        page.wait_for_timeout(3000)  # longer than an image counts as live
        tablet.send("Page.setWebLifecycleState", {"state": "active"})
        before = page.evaluate("document.getElementById('figures').textContent")
        web.until(page, f"{SHOWN} && document.getElementById('figures').textContent !== {json.dumps(before)}")


def test_a_clip_that_fails_to_decode_is_stated_in_its_place_and_the_others_play(web, tmp_path):
    with web.appliance(LIFTING, tmp_path) as url, web.opened(url, tolerated=REFUSED) as page:
        web.until(page, SHOWN)
        page.select_option("#exam-protocol", "blue-6")
        page.click("#exam-begin")
        web.until(page, f"{DONE} > 1")
        end_exam(web, page)
        for clip in sorted((tmp_path / "exams").rglob("*.mcap"))[:1]:
            with clip.open("r+b") as file:
                file.seek(clip.stat().st_size // 2)
                file.write(os.urandom(clip.stat().st_size // 4))
        page.click("#exam-open")
        page.wait_for_selector(".film >> nth=1")
        for film in page.locator(".film").all():
            film.scroll_into_view_if_needed()
        web.until(page, "Boolean(document.querySelector('.film .problem'))")
        web.until(page, "[...document.querySelectorAll('.film .legend:not(.problem)')].some((each) => each.textContent.includes('frames'))")


END_SESSION = """async () => {
  const { csrf_token: token } = await (await fetch("/api/v1/sessions/current")).json();
  await fetch("/api/v1/sessions/current", { method: "DELETE", headers: { "X-CSRF-Token": token } });
}"""


def test_a_session_that_ends_while_somebody_types_asks_for_the_pin_and_loses_nothing(web):
    claim = json.dumps({"badge": "n-017", "name": "Almaz Bekele", "pin": PIN}).encode()
    with web.appliance(SOURCE) as url, web.opened(url, tolerated=REFUSED) as page:
        urlopen(Request(f"{url}api/v1/claim", claim, {"content-type": "application/json"})).close()
        web.until(page, SHOWN)
        page.click("#exam-begin")
        sign_in(page)
        web.until(page, BEGUN)
        page.goto(f"{url}exam?id={json.load(urlopen(f'{url}api/v1/exams/current'))['id']}")
        page.click("text=State the patient")
        page.fill(f"{FORM} [name=identifier]", "P-1")
        page.fill(f"{FORM} [name=name]", "Sara Ali")
        page.evaluate(END_SESSION)
        page.click(f"{FORM} .primary")
        sign_in(page)
        page.wait_for_selector("text=Sara Ali (P-1)")


def sign_in(page):
    box = page.locator(f"{FORM}:has([name=pin])")
    box.locator("[name=name]").fill("n-017")
    box.locator("[name=pin]").fill(PIN)
    box.locator(".primary").click()


@contextmanager
def small_disk(folder, size, missing):
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False).returncode:
        missing("the right to mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_in_an_exam_is_stated_and_nothing_pretends_to_be_stored(web, tmp_path, missing):
    disk = tmp_path / "disk"
    with (
        small_disk(disk, FREE_FLOOR_BYTES + 60 * MB, missing),
        web.appliance(LIFTING, disk / "data") as url,
        web.opened(url, 360, 740, tolerated=REFUSED) as page,
    ):
        web.until(page, SHOWN)
        page.select_option("#exam-protocol", "blue-6")
        page.click("#exam-begin")
        web.until(page, f"{DONE} > 0")
        with (disk / "filler").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free_bytes(disk) - FREE_FLOOR_BYTES + 10 * MB)
        web.until(page, "document.getElementById('degraded').textContent.startsWith('NOT READY. ')")
        assert page.is_visible("#degraded")
        done = page.evaluate(DONE)
        web.until(page, "document.getElementById('guide').dataset.code === 'NOT_RECORDED'")
        assert page.evaluate(NARROW)
        page.wait_for_timeout(6000)  # the probe was lifted and put on another place
        assert page.evaluate(DONE) <= done + 1, "a clip that was in hand may be stored, no later one"
        (disk / "filler").unlink()
        web.until(page, f"document.getElementById('degraded').hidden && {DONE} > {done}")
        end_exam(web, page)
