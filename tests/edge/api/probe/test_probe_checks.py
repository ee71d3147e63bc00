"""The routes with a real service and store, and frames as from the pipeline."""

import threading

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from edge.api import problems
from edge.api.probe import probe_checks
from edge.pipeline.source_state import SourceState, SourceStatus
from edge.records.probe_checks import ProbeChecks
from edge.services.probe_check import ProbeCheckService
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

INFO = SourceInfo("virtual://", "chest", Origin.SIMULATED, "virtual probe", "1.0", "V-1")
CHECKS = "/api/v1/probe/checks"


class View:
    def __init__(self, folder):
        self.probe_checks = ProbeCheckService(ProbeChecks(folder))
        self.info, self.state = INFO, SourceState.STREAMING

    def source_status(self):
        return SourceStatus(self.state, "virtual://", self.info, ())


@pytest.fixture
def view(tmp_path):
    return View(tmp_path)


@pytest.fixture
def client(view):
    app = FastAPI()
    problems.install(app)
    routes = APIRouter(prefix="/api/v1")
    probe_checks.add_routes(routes, view)
    app.include_router(routes)
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def stream(view):
    chest = Chest(faults=Faults(air=1))
    drawn = [chest.image(i * 0.4) for i in range(4)]
    ended = threading.Event()

    def run():
        count = 0
        while not ended.wait(0.001):
            view.probe_checks.frame(Frame(drawn[count % 4], count, count, count, chest.geometry, chest.settings, simulated=True))
            count += 1

    thread = threading.Thread(target=run)
    thread.start()
    yield
    ended.set()
    thread.join()


def test_a_check_is_made_stored_and_listed(client, stream):
    made = client.post(CHECKS, json={})
    assert made.status_code == 201
    answer = made.json()
    assert (answer["verdict"], answer["held"], answer["is_baseline"], answer["simulated"]) == ("pass", "air", True, True)
    assert len(answer["profile"]) == 128
    assert answer["notice"] == "research use, not a diagnosis"
    listed = client.get(CHECKS).json()
    assert listed["serial_number"] == "V-1"
    assert listed["checks"] == [answer]
    assert "picture" not in answer
    assert 0 < listed["loss_watch"] < listed["loss_stop"]
    assert client.get(CHECKS, params={"serial_number": "other"}).json()["checks"] == []


def test_the_newest_are_listed(client, stream):
    for _ in range(3):
        client.post(CHECKS, json={"held": "air"})
    listed = client.get(CHECKS, params={"limit": 2}).json()["checks"]
    assert [one["is_baseline"] for one in listed] == [False, False]


def test_unreadable_lines_are_reported(client, view, tmp_path):
    (tmp_path / "V-1.jsonl").write_text("{half a li\n")
    assert client.get(CHECKS).json()["damaged"] == [1]


@pytest.mark.parametrize("asked", [{"held": "water"}, {"elements": 4}, {"elements": 10**6}, {"baseline": True}])
def test_an_invalid_request_is_refused(client, asked):
    answer = client.post(CHECKS, json=asked)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_without_a_probe_there_is_no_check_and_the_list_is_empty(client, view):
    view.info, view.state = None, SourceState.LOST
    answer = client.post(CHECKS, json={})
    assert (answer.status_code, answer.json()["type"]) == (504, "urn:sonoedge:probe-silent")
    assert client.get(CHECKS).json()["checks"] == []
