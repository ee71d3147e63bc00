"""A change of the release loses no frame, is made whole or not at all, and a restart reads the same."""

import http.client
import json
import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from types import SimpleNamespace

import pytest

from edge.appliance import Appliance
from edge.disk.layout import DataFolder
from edge.inference import admission
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import POINTER
from edge.pipeline.loop import DISPLACED

pytestmark = pytest.mark.slow

FIRST, SMALL = (ModelRelease.load(BUILT_IN / name).ident for name in ("lung-m", "lung-s"))


def pointer(data_dir):
    return json.loads((DataFolder(data_dir).models / POINTER).read_text())


class Watched:
    """Every observation of an appliance, and every sequence number that its source gave."""

    def __init__(self, appliance):
        self.observations, self.offered = [], []
        publish, frame = appliance.hub.publish, appliance.exam.frame
        appliance.hub.publish = lambda observation: (self.observations.append(observation), publish(observation))
        appliance.exam.frame = lambda seen: (self.offered.append(seen.sequence), frame(seen))

    @property
    def releases(self):
        """Who read, in the order in which they did, and how many frames in a row."""
        runs = []
        for observation in self.observations:
            if not runs or runs[-1][0] != observation.release.ident:
                runs.append([observation.release.ident, 0])
            runs[-1][1] += 1
        return [tuple(run) for run in runs]


def test_a_hot_swap_under_load_loses_no_frame_and_each_is_read_by_one_release(tmp_path, eventually, api):
    appliance = Appliance(api.settings(tmp_path))
    watched = Watched(appliance)
    with appliance:
        eventually(lambda: appliance.counts.read > 10, "no frames were read")
        first, answers = appliance.release.ident, []
        order = [SMALL, FIRST] * 3 if first == FIRST else [FIRST, SMALL] * 3
        for ident in order:
            read = appliance.counts.read
            answers.append(api.activate(appliance, ident))
            eventually(lambda read=read: appliance.counts.read > read + 10, "no frames were read after a swap")
    counts = appliance.counts
    assert [(status, stated["release"]) for status, stated in answers] == [(200, ident) for ident in order]
    assert all(stated["switched_ms"] > 0 for _, stated in answers)
    assert [ident for ident, _ in watched.releases] == [first, *order]
    read = [observation.frame.sequence for observation in watched.observations]
    assert len(read) == len(set(read)) == counts.read
    assert len(watched.offered) == counts.read + counts.dropped.get(DISPLACED, 0)
    assert counts.received == counts.read + sum(counts.dropped.values())
    assert set(counts.dropped) <= {DISPLACED, "link:sequence-gap"}
    assert read == sorted(read)
    for observation in watched.observations:
        assert observation.seen.picture.shape == (observation.release.input_side,) * 2


def test_a_release_is_gone_back_from_and_each_change_is_on_the_disk(tmp_path, api):
    with Appliance(api.settings(tmp_path, source="")) as appliance:
        first = appliance.release.ident
        other = SMALL if first == FIRST else FIRST
        assert api.activate(appliance, other)[0] == 200
        assert pointer(tmp_path) == {"active": other, "previous": first}
        assert api.ask(appliance, "GET", "models")[1]["previous"] == first
        status, stated = api.ask(appliance, "POST", "model/rollback")
        assert (status, stated["release"], stated["before"]) == (200, first, other)
        assert pointer(tmp_path)["active"] == first
        assert api.ask(appliance, "POST", "model/rollback")[0] == 422
        assert api.activate(appliance, other)[0] == 200
    with Appliance(api.settings(tmp_path, source="")) as again:
        assert again.release.ident == other
        assert api.ask(again, "GET", "models")[1]["why"] == "it was activated"


def test_where_the_settings_name_a_release_a_change_says_that_it_does_not_last(tmp_path, api):
    with Appliance(api.settings(tmp_path, source="", model=BUILT_IN / "lung-m")) as appliance:
        assert api.activate(appliance, SMALL)[1]["lasts"] is False
        assert appliance.release.ident == SMALL


def test_a_change_that_the_disk_refuses_is_not_made(tmp_path, eventually, api):
    with Appliance(api.settings(tmp_path)) as appliance:
        before = appliance.release.ident
        (DataFolder(tmp_path).models / (POINTER + ".new")).mkdir(parents=True)
        status, stated = api.activate(appliance, SMALL if before == FIRST else FIRST)
        assert status == 422
        assert "cannot be written" in stated["detail"]
        assert appliance.release.ident == before
        read = appliance.counts.read
        eventually(lambda: appliance.counts.read > read + 3, "the old release reads no more")
        assert appliance.hub.latest.release.ident == before


def test_one_change_at_a_time(running, monkeypatch, reads_on, api):
    going, inside = threading.Event(), threading.Event()
    admit = admission.admit

    def slow(*arguments):
        inside.set()
        assert going.wait(30)
        return admit(*arguments)

    monkeypatch.setattr("edge.services.release_change.admit", slow)
    answers = []
    first = threading.Thread(target=lambda: answers.append(api.activate(running.appliance, FIRST)))
    first.start()
    assert inside.wait(30)
    for path, body in (("model/activate", {"release": SMALL}), ("model/rollback", None)):
        status, stated = api.ask(running.appliance, "POST", path, body)
        assert (status, stated["type"]) == (409, "urn:sonoedge:model-change-runs")
        assert stated["fix"]
    assert api.ask(running.appliance, "PUT", "model/shadow", {"release": SMALL})[0] == 409
    reads_on()  # an admission holds up no frame
    assert api.ask(running.appliance, "GET", "health")[0] == 200
    going.set()
    first.join()
    assert answers[0][0] == 200


def test_of_many_at_once_each_is_made_or_refused_and_the_last_one_reads(tmp_path, eventually, api):
    with Appliance(api.settings(tmp_path)) as appliance:
        eventually(lambda: appliance.counts.read > 5, "no frames were read")
        answers = []
        asked = [threading.Thread(target=lambda i=i: answers.append(api.activate(appliance, (FIRST, SMALL)[i % 2]))) for i in range(8)]
        for thread in asked:
            thread.start()
        for thread in asked:
            thread.join()
        made = {stated["release"] for status, stated in answers if status == 200}
        assert {status for status, _ in answers} <= {200, 409}
        assert appliance.release.ident in made
        assert pointer(tmp_path)["active"] == appliance.release.ident
    counts = appliance.counts
    assert counts.received == counts.read + sum(counts.dropped.values())


@pytest.mark.parametrize("delay_s", [None, 0.0, 0.01, 0.03, 0.06])
def test_a_cut_of_power_at_any_point_leaves_one_sound_release_active(tmp_path, delay_s, api):
    """Killed so long after a change was asked for, or as soon as it was answered."""
    command = [sys.executable, "-m", "edge.cli", "run", "--port", "0", "--threads", "1"]
    environment = {**os.environ, "SONOEDGE_DATA_DIR": str(tmp_path), "SONOEDGE_LOG_LEVEL": "error"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        cut = SimpleNamespace(url=re.search(r"http://\S+/", process.stdout.readline()).group(0))
        before = api.ask(cut, "GET", "model")[1]["ident"]
        wanted = SMALL if before == FIRST else FIRST
        asked = threading.Thread(target=activate_until_cut, args=(api, cut, wanted))
        asked.start()
        asked.join(delay_s)
        process.kill()
    asked.join()
    with Appliance(api.settings(tmp_path, source="")) as again:
        assert again.release.ident == wanted or (delay_s is not None and again.release.ident == before)
        assert api.ask(again, "GET", "models")[1]["refusal"] is None
        assert api.activate(again, before)[0] == 200


def activate_until_cut(api, appliance, ident):
    with suppress(OSError, http.client.HTTPException):
        api.activate(appliance, ident)
