"""A release in shadow reads what the active one reads, is compared with it, and is never shown."""

import json
import shutil
import threading
import urllib.request
from datetime import datetime

import pytest

from edge.appliance import Appliance
from edge.disk.layout import DataFolder
from edge.inference.release import BUILT_IN, ModelRelease
from edge.pipeline.shadow import EPISODE_S
from edge.records.audit.trail import AuditTrail

FIRST, SMALL = (ModelRelease.load(BUILT_IN / name).ident for name in ("lung-m", "lung-s"))
ALWAYS_ABSENT = {"present_from": 2.0, "absent_to": 1.0}
ALWAYS_PRESENT = {"present_from": 0.0, "absent_to": -1.0}


@pytest.fixture
def opinionated(running, candidate, seal, api, ledgered):
    """Releases of which one finds everything in every frame, the other nothing."""
    made = []
    for version, thresholds in (("9.1.0", ALWAYS_PRESENT), ("9.2.0", ALWAYS_ABSENT)):
        folder = candidate(running.shelf / f"lung-s-{version}", version)
        path = folder / "conformal.json"
        stated = json.loads(path.read_text())
        path.write_text(json.dumps(stated | {"findings": dict.fromkeys(stated["findings"], thresholds)}))
        made.append(seal(folder, version=version))
        ledgered(running.appliance.store, folder)
    yield [folder.name for folder in made]
    api.activate(running.appliance, FIRST)
    for folder in made:
        shutil.rmtree(folder)


def test_the_active_release_as_its_own_shadow_never_disagrees(running, eventually, reads_on, api):
    assert api.ask(running.appliance, "PUT", "model/shadow", {"release": FIRST})[0] == 200
    eventually(lambda: running.appliance.models.status.shadow.frames > 20, "the shadow reads nothing")
    stated = api.ask(running.appliance, "GET", "model/shadow")[1]
    assert (stated["release"], stated["active"], stated["problem"]) == (FIRST, FIRST, "")
    assert {(each["disagreed"], each["difference"]) for each in stated["findings"].values()} == {(0, 0.0)}
    assert api.ask(running.appliance, "PUT", "model/shadow", {"release": None})[1]["release"] is None
    assert not DataFolder(running.data_dir).disagreements.exists()
    reads_on()


def test_a_shadow_that_says_otherwise_is_logged_and_counted_and_not_shown(running, opinionated, eventually, api):
    appliance, (yes, no) = running.appliance, opinionated
    assert api.activate(appliance, yes)[0] == 200
    assert api.ask(appliance, "PUT", "model/shadow", {"release": no})[0] == 200
    eventually(lambda: appliance.models.status.shadow.frames > 60, "the shadow reads nothing")
    stated = api.ask(appliance, "GET", "model/shadow")[1]
    with urllib.request.urlopen(appliance.url + "metrics") as answer:
        metrics = answer.read().decode()
    reading = api.ask(appliance, "GET", "readings")[1][0]
    assert api.ask(appliance, "PUT", "model/shadow", {"release": None})[0] == 200
    assert (stated["release"], stated["active"]) == (no, yes)
    (measured,) = AuditTrail(appliance.store).newest(9, act="model.shadow-measured", subject=f"model/{no}")
    figures = measured.entry.detail["figures"]
    assert figures["active"] == yes
    assert figures["frames"] >= stated["frames"]
    assert {each["disagreed"] for each in figures["findings"].values()} == {figures["frames"]}
    assert {each["disagreed"] for each in stated["findings"].values()} == {stated["frames"]}
    assert f'sonoedge_shadow_disagreements_total{{active="{yes}",finding="b_lines",release="{no}"}}' in metrics
    assert reading["release"] == yes
    assert {tuple(finding["set"]) for finding in reading["findings"]} == {("present",)}
    lines = [json.loads(line) for line in DataFolder(running.data_dir).disagreements.read_text().splitlines()]
    assert {(line["active"], line["shadow"]) for line in lines} == {(yes, no)}
    assert sum(line["frames"] for line in lines) >= stated["frames"]
    begun, ended = (datetime.strptime(lines[place]["at"], "%Y%m%dT%H%M%SZ") for place in (0, -1))
    assert len(lines) <= (ended - begun).total_seconds() / EPISODE_S + 2, "a line a frame would fill the disk"
    assert lines[0]["findings"]["b_lines"]["active"]["set"] == ["present"]
    assert lines[0]["findings"]["b_lines"]["shadow"]["set"] == ["absent"]


def test_a_shadow_that_fails_leaves_the_live_loop_alone_and_is_reported(running, monkeypatch, eventually, reads_on, api):
    appliance = running.appliance
    assert api.ask(appliance, "PUT", "model/shadow", {"release": SMALL})[0] == 200
    shadow = appliance.hub.latest and appliance.models._pipeline.shadow
    monkeypatch.setattr(shadow._reader, "infer", lambda _: 1 / 0)
    eventually(lambda: api.ask(appliance, "GET", "model/shadow")[1]["problem"], "its failure is not reported")
    stated = api.ask(appliance, "GET", "model/shadow")[1]
    assert "ZeroDivisionError" in stated["problem"]
    assert "the active release is not affected" in stated["fix"]
    with urllib.request.urlopen(appliance.url + "metrics") as answer:
        assert f'sonoedge_shadow_running{{release="{SMALL}"}} 0.0' in answer.read().decode()
    reads_on()
    assert api.ask(appliance, "PUT", "model/shadow", {"release": None})[0] == 200


def test_a_shadow_that_becomes_the_active_release_is_no_shadow_any_more(running, api):
    appliance = running.appliance
    assert api.ask(appliance, "PUT", "model/shadow", {"release": SMALL})[0] == 200
    assert api.activate(appliance, SMALL)[0] == 200
    assert api.ask(appliance, "GET", "model/shadow")[1]["release"] is None
    assert api.activate(appliance, FIRST)[0] == 200


def test_an_appliance_that_ends_takes_its_shadow_with_it(tmp_path, api):
    with Appliance(api.settings(tmp_path, source="")) as appliance:
        assert api.ask(appliance, "PUT", "model/shadow", {"release": SMALL})[0] == 200
        assert "shadow" in {thread.name for thread in threading.enumerate()}
    assert "shadow" not in {thread.name for thread in threading.enumerate()}
