"""The probe check page in Debian's Chromium, with a real service and store, and frames as from the pipeline."""

import json
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from edge.api import problems
from edge.api.app import HEADERS
from edge.api.people.schema import session_out
from edge.api.probe import probe_checks
from edge.api.shell import WEB
from edge.health.port import listen
from edge.people.actor import UNCLAIMED_ACTOR
from edge.pipeline.source_state import SourceState, SourceStatus
from edge.probe.pool import Pool
from edge.probe.record import Asked, conclude
from edge.records.probe_checks import ProbeChecks
from edge.services.probe_check import ProbeCheckService
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

INFO = SourceInfo("virtual://", "chest", Origin.SIMULATED, "virtual probe", "1.0", "V-1")
PATIENCE_MS = 40_000

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class View:
    """A probe in air with faults that a test can set, and the service that receives its frames."""

    def __init__(self, folder):
        self.store = ProbeChecks(folder)
        self.probe_checks = ProbeCheckService(self.store)
        self.state = SourceState.STREAMING
        self.hold()

    def hold(self, **faults):
        chest = Chest(faults=Faults(air=1, **faults))
        self.frames = [Frame(chest.image(i * 0.4), i, i, i, chest.geometry, chest.settings, simulated=True) for i in range(5)]

    def check(self):
        pool = Pool()
        for frame in self.frames * 5:
            pool.add(frame)
        return conclude(pool, Asked(), INFO, self.store)

    def source_status(self):
        return SourceStatus(self.state, "virtual://", INFO, ())


@pytest.fixture
def view(tmp_path):
    view, ended = View(tmp_path), threading.Event()

    def stream():
        count = 0
        while not ended.wait(0.02):
            view.probe_checks.frame(view.frames[count % len(view.frames)])
            count += 1

    thread = threading.Thread(target=stream)
    thread.start()
    yield view
    ended.set()
    view.probe_checks.close()
    thread.join()


@pytest.fixture
def url(view):
    app = FastAPI()
    problems.install(app)
    routes = APIRouter(prefix="/api/v1")
    probe_checks.add_routes(routes, view)
    routes.add_api_route("/sessions/current", lambda: session_out(UNCLAIMED_ACTOR, None, None))
    app.include_router(routes)
    app.add_api_route("/probe", lambda: FileResponse(WEB / "probe.html", headers=HEADERS))
    app.mount("/web", StaticFiles(directory=WEB))
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/probe"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def page(browser, url):
    """A page. The test fails if it contacts another host or logs anything in its console."""
    page = browser.new_page(viewport={"width": 820, "height": 1180})
    page.set_default_timeout(PATIENCE_MS)
    foreign, complaints = [], []
    page.on("request", lambda request: foreign.append(request.url) if urlsplit(request.url).netloc != urlsplit(url).netloc else None)
    page.on("console", lambda line: complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.complaints = complaints
    yield page
    page.close()
    assert foreign == []
    assert complaints == []


def test_a_probe_without_checks_is_shown_as_such(page, url):
    page.goto(url)
    page.wait_for_selector("#trend svg")
    assert page.inner_text("#verdict-word") == "No check yet"
    assert "not a diagnosis" in page.inner_text(".notice")


def test_one_touch_starts_a_check_that_shows_the_array(page, url):
    page.goto(url)
    page.click("#check")
    page.wait_for_selector(".verdict.pass")
    assert page.inner_text("#verdict-word") == "PASS"
    assert page.locator("#profile rect").count() == 128
    assert page.locator("#profile rect.dead").count() == 0
    assert page.locator("#trend [data-verdict=pass]").count() == 1
    assert "baseline" in page.inner_text("#reasons")
    assert page.is_visible("#banner")


def test_dead_elements_are_marked_and_the_trend_shows_the_loss(page, url, view):
    view.check()
    view.hold(loss_db=3)
    view.check()
    view.hold(dead=(40, 41))
    view.check()
    page.goto(url)
    page.wait_for_selector(".verdict.do-not-use")
    dead = page.locator("#profile rect.dead").evaluate_all("bars => bars.map(bar => bar.dataset.element)")
    assert dead == ["40", "41"]
    assert "40-41" in page.inner_text("#dead")
    verdicts = page.locator("#trend [data-verdict]").evaluate_all("points => points.map(point => point.dataset.verdict)")
    assert verdicts == ["pass", "watch", "do not use"]
    heights = page.locator("#trend [data-verdict]").evaluate_all(
        "points => points.map(p => { const b = p.getBBox(); return b.y + b.height / 2; })"
    )
    assert heights[1] > heights[0] + 10
    assert abs(heights[2] - heights[0]) < 5
    assert page.locator("#checks td").count() == 3 * 5


def test_without_a_probe_the_page_states_the_next_step(page, url, view):
    view.state = SourceState.LOST
    page.goto(url)
    page.wait_for_selector("#trend svg")
    page.click("#check")
    page.wait_for_selector(".verdict.failed")
    assert page.inner_text("#verdict-word") == "NOT CHECKED"
    assert "Plug in the probe" in page.inner_text("#probe-problem")
    assert page.is_enabled("#check")
    page.complaints[:] = [line for line in page.complaints if "504" not in line]  # the browser itself logs the refusal


@pytest.mark.parametrize("width", [390, 820, 1180])
def test_the_page_fits_phone_and_tablet_and_gloves(page, url, view, width):
    view.check()
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(url)
    page.wait_for_selector("#profile svg")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert min(box["height"] for box in (b.bounding_box() for b in page.locator("button:visible").all())) >= 48


def test_the_list_can_be_downloaded(page, url, view):
    view.check()
    page.goto(url)
    with page.expect_download() as taken:
        page.click("a[download]")
    assert json.loads(Path(taken.value.path()).read_text())["serial_number"] == "V-1"
