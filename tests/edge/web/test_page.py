"""The page in Debian's Chromium, on the real appliance with the virtual probe."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_S = 40
THREE = "document.querySelectorAll('.finding').length === 3"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def browser(missing):
    if not CHROMIUM.exists():
        missing("Chromium (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@contextmanager
def appliance(source):
    command = [sys.executable, "-m", "edge.cli", "run", "--port", "0", "--source", source]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield re.search(r"http://\S+/", process.stdout.readline()).group(0)
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@contextmanager
def opened(browser, url, width=820, height=1180):
    """A page at `url` that fails the test if it asks another host for anything or complains in its console."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PATIENCE_S * 1000)
    foreign, complaints = [], []
    page.on("request", lambda request: foreign.append(request.url) if urlsplit(request.url).netloc != urlsplit(url).netloc else None)
    page.on("console", lambda said: None if "Multiple readback" in said.text else complaints.append(said.text))  # these tests read back
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    yield page
    page.close()
    assert [u for u in foreign if not u.startswith("blob:")] == []
    assert complaints == []


@pytest.fixture(scope="module")
def chest():
    with appliance("virtual://chest?fps=15") as url:
        yield url


def pixels(page):
    return np.array(page.evaluate("Array.from(document.getElementById('image').getContext('2d').getImageData(0, 0, 350, 350).data)"))


def until(page, holds):
    """Asks from outside: the page's own policy lets no string be run as a script in it."""
    for _ in range(PATIENCE_S * 10):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never became true: {holds}")


def percents(page):
    return page.locator(".percent").all_inner_texts()


def test_the_live_image_and_the_findings_change_and_are_marked_as_simulated(browser, chest):
    with opened(browser, chest) as page:
        page.wait_for_selector("#banner:visible")
        assert "SIMULATED" in page.inner_text("#banner")
        assert "not a diagnosis" in page.inner_text(".notice")
        until(page, THREE)
        before, first = percents(page), pixels(page)
        assert first.max() > 100
        page.wait_for_function(
            "before => [...document.querySelectorAll('.percent')].some((n, i) => n.textContent !== before[i])", arg=before
        )
        assert not np.array_equal(first, pixels(page))
        assert page.locator("#cover").is_hidden()
        assert "virtual" in page.inner_text("#figures")


def test_freeze_holds_one_frame_with_its_own_findings(browser, chest):
    with opened(browser, chest) as page:
        until(page, THREE)
        page.click("#freeze")
        assert page.locator("#frozen").is_visible()
        image, said = pixels(page), percents(page)
        page.wait_for_timeout(1000)
        assert np.array_equal(image, pixels(page))
        assert percents(page) == said
        page.click("#freeze")
        until(page, "document.getElementById('frozen').hidden")


def test_choosing_no_map_shows_the_bare_grey_frame(browser, chest):
    with opened(browser, chest) as page:
        page.wait_for_selector("[data-map=none]")
        page.click("#freeze")
        page.click("[data-map=none]")
        rgba = pixels(page).reshape(-1, 4)
        assert np.array_equal(rgba[:, 0], rgba[:, 1])
        assert page.get_attribute("[data-map=none]", "aria-pressed") == "true"


@pytest.mark.parametrize("width", [390, 820, 1180])
def test_the_page_fits_phone_and_tablet(browser, chest, width):
    with opened(browser, chest, width, 844) as page:
        until(page, THREE)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert min(box["height"] for box in (b.bounding_box() for b in page.locator("button").all())) >= 48


def test_the_documentation_is_drawn_from_the_api_itself(browser, chest):
    with opened(browser, chest + "docs") as page:
        page.wait_for_selector("text=GET /api/v1/readings")
        page.locator("section", has_text="GET /api/v1/version").locator("button").click()
        page.wait_for_selector("text=research use, not a diagnosis")


def write_clip(path):
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=20)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        rng = np.random.default_rng(0)
        for _ in range(60):
            picture = np.repeat(rng.integers(20, 120, (120, 160, 1), dtype=np.uint8), 3, axis=2)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def test_a_recording_is_shown_as_replay_and_its_end_covers_the_image(browser, tmp_path):
    write_clip(tmp_path / "clip.mp4")
    with appliance(f"file://{tmp_path}/clip.mp4?pace=1") as url, opened(browser, url) as page:
        until(page, "document.getElementById('banner').textContent.startsWith('REPLAY')")
        assert "SIMULATED" not in page.inner_text("body")
        until(page, "document.getElementById('cover-title').textContent === 'RECORDING ENDED'")
        assert page.locator("#cover").is_visible()


def test_the_banner_changes_and_a_lost_probe_covers_the_image(browser, tmp_path):
    """A probe that dies mid-stream; then a recording is played at the same port, and the banner follows."""
    link = tmp_path / "probe"
    write_clip(tmp_path / "clip.mp4")
    probe = emulate(link)
    with appliance(f"serial://{link}") as url, opened(browser, url) as page:
        until(page, "document.getElementById('banner').textContent.startsWith('SIMULATED')")
        end(probe)
        until(page, "document.getElementById('cover-title').textContent === 'PROBE UNPLUGGED'")
        assert page.locator("#cover").is_visible()
        second = emulate(link, "--input", str(tmp_path / "clip.mp4"))
        until(page, "document.getElementById('banner').textContent.startsWith('REPLAY')")
        until(page, "document.getElementById('cover').hidden")
    end(second)


def emulate(link, *told):
    command = [sys.executable, "-m", "firmware_bridge.virtual_probe", "--fps", "15", "--link", str(link), *told]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("/dev/")
    return process


def end(process):
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
