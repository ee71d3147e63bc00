"""A start that fails is explained at the same address, is tried again, and leaves nothing behind."""

import json
import shutil
import threading
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from edge import appliance as appliance_module
from edge.appliance import Appliance
from edge.health.port import PortOccupied, listen
from edge.inference.release import BUILT_IN, ModelUnusable
from edge.notice import NOTICE
from edge.settings import Settings
from edge.supervisor.latch import Latch
from edge.supervisor.start import AGAIN_S, start_or_explain
from edge.supervisor.table import WORKERS
from edge.supervisor.worker import Restarts
from firmware_bridge.errors import SonoEdgeError
from tests.ports import free_port

SOON_S = 0.05


def ask(url):
    """Status, headers and text of any answer; status 0 if nothing answers, as between two tries."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()
    except OSError:
        return 0, {}, ""


class Explained:
    """`start_or_explain` in its own thread."""

    def __init__(self, make, port, again_s=SOON_S):
        self.url = f"http://127.0.0.1:{port}/"
        self.stopping, self.made = Latch(), []
        work = lambda: self.made.append(start_or_explain(make, lambda: ("127.0.0.1", port), self.stopping, again_s))  # noqa: E731
        self.thread = threading.Thread(target=work, name="explained")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(60)
        assert not self.thread.is_alive()
        for made in self.made:
            if made is not None:
                made.join()


def refuse(error):
    def make(_):
        raise error

    return make


def test_the_page_and_health_state_what_is_wrong_and_the_next_step(eventually):
    error = ModelUnusable("The model <lung-m> is damaged", "Copy the release folder again")
    with Explained(refuse(error), free_port(), again_s=30) as explained:
        eventually(lambda: "damaged" in ask(explained.url)[2], "the page does not state it")
        status, headers, page = ask(explained.url + "probe")
        assert (status, headers["Retry-After"]) == (503, "30")
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        for text in (
            "The model &lt;lung-m&gt; is damaged.",
            "Copy the release folder again.",
            "every 30 seconds",
            NOTICE.capitalize(),
            "width=device-width",
        ):
            assert text in page
        for path in ("health", "api/v1/health", "api/v1/exams"):
            status, headers, text = ask(explained.url + path)
            assert (status, headers["Content-Type"]) == (503, "application/problem+json")
            problem = json.loads(text)
            assert (problem["detail"], problem["fix"], problem["type"], problem["instance"]) == (
                error.what,
                error.fix,
                "urn:sonoedge:model-unusable",
                f"/{path}",
            )
        assert ask(explained.url + "web/style.css")[0] == 200
    assert ask(explained.url)[0] == 0
    assert explained.made == [None]


def test_an_error_that_is_not_one_of_our_classes_is_explained_too(eventually):
    with Explained(refuse(ZeroDivisionError("x")), free_port()) as explained:
        eventually(lambda: "ZeroDivisionError" in ask(explained.url + "health")[2], "the cause is not stated")


def test_a_model_that_is_put_back_starts_the_appliance_at_the_same_address(tmp_path, eventually):
    port, release = free_port(), tmp_path / "release"
    settings = Settings(port=port, data_dir=tmp_path / "data", threads=1, model=release)
    with Explained(lambda listen: Appliance(settings, listen=listen), port) as explained:
        eventually(lambda: str(release) in ask(explained.url + "health")[2], "the cause is not stated")
        shutil.copytree(BUILT_IN / "lung-s", tmp_path / "copy")
        (tmp_path / "copy").rename(release)
        eventually(lambda: explained.made, "the appliance did not start")
        status, _, text = ask(explained.url + "health")
        assert (status, json.loads(text)["ready"]) == (200, True)
        assert explained.made[0].url == explained.url


def test_a_worker_that_fails_during_the_start_is_explained(tmp_path, eventually, monkeypatch):
    port = free_port()
    settings = Settings(port=port, data_dir=tmp_path, threads=1, model=BUILT_IN / "lung-s")
    once = tuple(replace(row, restarts=Restarts((0.0,), most=0, within_s=1)) for row in WORKERS)
    monkeypatch.setattr(appliance_module, "WORKERS", once)

    def make(listen):
        appliance = Appliance(settings, listen=listen)
        appliance._reading._pipeline.reader.warm_up = lambda: 1 / 0
        return appliance

    with Explained(make, port) as explained:
        eventually(lambda: "ZeroDivisionError" in ask(explained.url)[2], "the cause is not stated")


def test_a_port_that_another_program_uses_leaves_no_address_for_the_page():
    with listen("127.0.0.1", 0) as other, pytest.raises(PortOccupied):
        start_or_explain(refuse(ModelUnusable("x", "y")), other.getsockname, Latch(), SOON_S)


def test_a_stop_before_the_start_makes_nothing():
    stopping = Latch()
    stopping.set()
    assert start_or_explain(refuse(AssertionError()), lambda: ("127.0.0.1", 0), stopping) is None


@pytest.mark.parametrize("fault", ["model", "records", "policy", "source", "viewers' port"])
def test_a_try_that_fails_leaves_no_thread_and_no_descriptor(tmp_path, fault):
    settings = {"source": "virtual://chest?size=64&rendered=2", "port": 0, "data_dir": tmp_path, "threads": 1, "model": BUILT_IN / "lung-s"}
    with listen("127.0.0.1", 0) as taken:
        if fault == "model":
            settings["model"] = tmp_path
        elif fault == "records":
            (tmp_path / "records.sqlite").mkdir()
        elif fault == "policy":
            (tmp_path / "people.yaml").write_text("no: [")
        elif fault == "source":
            settings["source"] = "serial:///dev/none"
        else:
            settings["igtl_port"] = taken.getsockname()[1]
        for turn in range(3):
            with pytest.raises(SonoEdgeError):
                Appliance(Settings(**settings))
            left = len(list(Path("/proc/self/fd").iterdir())), {thread.name for thread in threading.enumerate()}
            if turn == 1:
                before = left
        assert left[0] <= before[0]  # on a slow machine, one of the first two tries may still be ending
        assert left[1] <= before[1]


def test_the_tries_are_far_enough_apart_for_a_small_board():
    assert AGAIN_S == 30
