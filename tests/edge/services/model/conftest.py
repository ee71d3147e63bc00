"""An appliance whose model release is changed while it reads, asked over its API as a browser asks it."""

import json
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest

from edge.appliance import Appliance
from edge.disk.layout import DataFolder
from edge.inference.release import BUILT_IN
from edge.pipeline.loop import DISPLACED
from edge.settings import Settings

CHEST = "virtual://chest?size=128&rendered=4&fps=30&machine=Philips+Lumify"


class Api:
    """How these tests make an appliance and talk to it."""

    def settings(self, data_dir, **others):
        """Of an appliance that streams the simulated chest."""
        return Settings(**{"source": CHEST, "port": 0, "data_dir": data_dir, "threads": 1} | others)

    def ask(self, appliance, method, path, body=None):
        """(status, answer)."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{appliance.url}api/v1/{path}", data, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def activate(self, appliance, ident):
        return self.ask(appliance, "POST", "model/activate", {"release": ident})


@pytest.fixture(scope="session")
def api():
    return Api()


@pytest.fixture(scope="module")
def running(tmp_path_factory, eventually, api):
    """An appliance that streams; a test leaves it reading with the release with which it found it."""
    data_dir = tmp_path_factory.mktemp("data")
    with Appliance(api.settings(data_dir, model=BUILT_IN / "lung-m")) as appliance:
        eventually(lambda: appliance.counts.read > 5, "no frames were read")
        yield SimpleNamespace(appliance=appliance, data_dir=data_dir, shelf=DataFolder(data_dir).models)


@pytest.fixture
def reads_on(running, eventually):
    """The release that read before reads on, frame after frame."""
    appliance, active = running.appliance, running.appliance.release.ident

    def reads_on():
        before = appliance.counts
        eventually(lambda: appliance.counts.read > before.read + 5, "the old release reads no more")
        assert appliance.hub.latest.release.ident == appliance.release.ident == active
        assert set(appliance.counts.dropped) <= {DISPLACED, "link:sequence-gap"}

    return reads_on
