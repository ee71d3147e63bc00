"""Changing the model release of a running appliance: nothing is lost, a bad candidate changes nothing, and a restart reads the same."""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest

from edge.appliance import Appliance
from edge.inference import admission
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import FOLDER, POINTER
from edge.model_desk import FOLDER as SHADOW
from edge.model_desk import JOURNAL
from edge.pipeline.loop import DISPLACED
from edge.settings import Settings

CHEST = "virtual://chest?size=128&rendered=4&fps=30"
FIRST, SMALL = (ModelRelease.load(BUILT_IN / name).ident for name in ("lung-m", "lung-s"))
ALWAYS_ABSENT = {"present_from": 2.0, "absent_to": 1.0}
ALWAYS_PRESENT = {"present_from": 0.0, "absent_to": -1.0}


def settings(data_dir, **others):
    return Settings(**{"source": CHEST, "port": 0, "data_dir": data_dir, "threads": 1} | others)


def ask(appliance, method, path, body=None):
    """(status, answer) of the API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{appliance.url}api/v1/{path}", data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def activate(appliance, ident):
    return ask(appliance, "POST", "model/activate", {"release": ident})


def pointer(data_dir):
    return json.loads((data_dir / FOLDER / POINTER).read_text())


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


@pytest.fixture(scope="module")
def running(tmp_path_factory, eventually):
    """An appliance that streams; a test leaves it reading with the release with which it found it."""
    data_dir = tmp_path_factory.mktemp("data")
    with Appliance(settings(data_dir, model=BUILT_IN / "lung-m")) as appliance:
        eventually(lambda: appliance.counts.read > 5, "no frames were read")
        yield SimpleNamespace(appliance=appliance, data_dir=data_dir, shelf=data_dir / FOLDER)


@pytest.fixture
def reads_on(running, eventually):
    """The release that read before reads on, frame after frame."""

    def reads_on():
        appliance, before = running.appliance, running.appliance.counts
        eventually(lambda: appliance.counts.read > before.read + 5, "the old release reads no more")
        assert appliance.hub.latest.release.ident == appliance.release.ident == FIRST
        assert set(appliance.counts.dropped) <= {DISPLACED, "link:sequence-gap"}

    return reads_on


def test_a_hot_swap_under_load_loses_no_frame_and_each_is_read_by_one_release(tmp_path, eventually):
    appliance = Appliance(settings(tmp_path))
    watched = Watched(appliance)
    with appliance:
        eventually(lambda: appliance.counts.read > 10, "no frames were read")
        first, answers = appliance.release.ident, []
        order = [SMALL, FIRST] * 3 if first == FIRST else [FIRST, SMALL] * 3
        for ident in order:
            read = appliance.counts.read
            answers.append(activate(appliance, ident))
            eventually(lambda read=read: appliance.counts.read > read + 10, "no frames were read after a swap")
    counts = appliance.counts
    assert [(status, said["release"]) for status, said in answers] == [(200, ident) for ident in order]
    assert all(said["switched_ms"] > 0 for _, said in answers)
    assert [ident for ident, _ in watched.releases] == [first, *order]
    read = [observation.frame.sequence for observation in watched.observations]
    assert len(read) == len(set(read)) == counts.read
    assert len(watched.offered) == counts.read + counts.dropped.get(DISPLACED, 0)
    assert counts.received == counts.read + sum(counts.dropped.values())
    assert set(counts.dropped) <= {DISPLACED, "link:sequence-gap"}
    assert read == sorted(read)
    for observation in watched.observations:
        assert observation.seen.picture.shape == (observation.release.input_side,) * 2


def test_a_release_is_gone_back_from_and_each_change_is_on_the_disk(tmp_path, eventually):
    with Appliance(settings(tmp_path, source="")) as appliance:
        first = appliance.release.ident
        other = SMALL if first == FIRST else FIRST
        assert activate(appliance, other)[0] == 200
        assert pointer(tmp_path) == {"active": other, "previous": first}
        assert ask(appliance, "GET", "models")[1]["previous"] == first
        status, said = ask(appliance, "POST", "model/rollback")
        assert (status, said["release"], said["before"]) == (200, first, other)
        assert pointer(tmp_path)["active"] == first
        assert ask(appliance, "POST", "model/rollback")[0] == 422
        assert activate(appliance, other)[0] == 200
    with Appliance(settings(tmp_path, source="")) as again:
        assert again.release.ident == other
        assert ask(again, "GET", "models")[1]["why"] == "it was activated"


def test_where_the_settings_name_a_release_a_change_says_that_it_does_not_last(tmp_path):
    with Appliance(settings(tmp_path, source="", model=BUILT_IN / "lung-m")) as appliance:
        assert activate(appliance, SMALL)[1]["lasts"] is False
        assert appliance.release.ident == SMALL


def test_a_change_that_the_disk_refuses_is_not_made(tmp_path, eventually):
    with Appliance(settings(tmp_path)) as appliance:
        before = appliance.release.ident
        (tmp_path / FOLDER / (POINTER + ".new")).mkdir(parents=True)
        status, said = activate(appliance, SMALL if before == FIRST else FIRST)
        assert status == 422
        assert "cannot be written" in said["detail"]
        assert appliance.release.ident == before
        read = appliance.counts.read
        eventually(lambda: appliance.counts.read > read + 3, "the old release reads no more")
        assert appliance.hub.latest.release.ident == before


def test_a_broken_active_release_at_the_start_leaves_a_built_in_one_reading_and_says_so(tmp_path, candidate, eventually):
    folder = candidate(tmp_path / FOLDER / "lung-s-9.0.0")
    with Appliance(settings(tmp_path, source="")) as appliance:
        assert activate(appliance, "lung-s-9.0.0")[0] == 200
    (folder / "lung-s.tflite").write_bytes(b"worn out")
    with Appliance(settings(tmp_path)) as appliance:
        eventually(lambda: appliance.counts.read > 3, "nothing reads")
        said = ask(appliance, "GET", "models")[1]
        assert said["active"] in (FIRST, SMALL)
        assert "is not the file that was released" in said["refusal"]["problem"]
        assert said["refusal"]["fix"]
        broken = next(each for each in said["releases"] if each["release"] == "lung-s-9.0.0")
        assert broken["problem"]
        assert activate(appliance, FIRST)[0] == 200
        assert ask(appliance, "GET", "models")[1]["refusal"] is None


def test_one_change_at_a_time(running, monkeypatch, reads_on):
    going, inside = threading.Event(), threading.Event()
    admit = admission.admit

    def slow(*arguments):
        inside.set()
        assert going.wait(30)
        return admit(*arguments)

    monkeypatch.setattr("edge.model_desk.admit", slow)
    answers = []
    first = threading.Thread(target=lambda: answers.append(activate(running.appliance, FIRST)))
    first.start()
    assert inside.wait(30)
    for path, body in (("model/activate", {"release": SMALL}), ("model/rollback", None)):
        status, said = ask(running.appliance, "POST", path, body)
        assert (status, said["type"]) == (409, "urn:sonoedge:model-change-runs")
        assert said["fix"]
    assert ask(running.appliance, "PUT", "model/shadow", {"release": SMALL})[0] == 409
    reads_on()  # an admission holds up no frame
    assert ask(running.appliance, "GET", "health")[0] == 200
    going.set()
    first.join()
    assert answers[0][0] == 200


def test_of_many_at_once_each_is_made_or_refused_and_the_last_one_reads(tmp_path, eventually):
    with Appliance(settings(tmp_path)) as appliance:
        eventually(lambda: appliance.counts.read > 5, "no frames were read")
        answers = []
        asked = [threading.Thread(target=lambda i=i: answers.append(activate(appliance, (FIRST, SMALL)[i % 2]))) for i in range(8)]
        for thread in asked:
            thread.start()
        for thread in asked:
            thread.join()
        made = {said["release"] for status, said in answers if status == 200}
        assert {status for status, _ in answers} <= {200, 409}
        assert appliance.release.ident in made
        assert pointer(tmp_path)["active"] == appliance.release.ident
    counts = appliance.counts
    assert counts.received == counts.read + sum(counts.dropped.values())


def damage(name):
    def decorate(function):
        DAMAGES[name] = function
        return function

    return decorate


DAMAGES = {}
"""What can be wrong with a candidate: (folder, seal) -> what the refusal has to say. A sealed one is damage that its maker has signed."""


def manifest_of(folder):
    return json.loads((folder / "release.json").read_text())


def write_json(path, **said):
    path.write_text(json.dumps(json.loads(path.read_text()) | said))


@damage("a model worn out on the disk")
def worn_out(folder, _):
    model = folder / "lung-s.tflite"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    return "is not the file that was released"


@damage("a model cut short")
def cut_short(folder, seal):
    model = folder / "lung-s.tflite"
    model.write_bytes(model.read_bytes()[:-100_000])
    seal(folder)
    return "refuses"


@damage("no model at all")
def no_model(folder, seal):
    (folder / "lung-s.tflite").write_bytes(b"hello" * 100)
    seal(folder)
    return "is not a TFLite model"


@damage("weights changed by their maker after the golden vectors were made")
def other_weights(folder, seal):
    model = folder / "lung-s.tflite"
    content = np.frombuffer(model.read_bytes(), np.uint8).copy()
    content[len(content) // 2 : len(content) // 2 + 2000] ^= 0x55
    model.write_bytes(content.tobytes())
    seal(folder)
    return "golden vector"


@damage("a wrong hash")
def wrong_hash(folder, _):
    manifest = manifest_of(folder)
    write_json(folder / "release.json", files=manifest["files"] | {"card.html": "0" * 64})
    return "card.html is not the file that was released"


@damage("an operator of a version that no runtime has")
def operator_version(folder, seal):
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    path = folder / "lung-s.tflite"
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(path.read_bytes()), 0))
    model.operatorCodes[0].version = 99
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    seal(folder)
    return "version '99'"


@damage("another input size than the model has")
def input_size(folder, seal):
    seal(folder, input_side=96)
    return "its release says (1, 96, 96, 1)"


@damage("fewer labels than outputs")
def labels(folder, seal):
    kept = manifest_of(folder)["findings"][:1]
    for name in ("calibration.json", "conformal.json"):
        fitted = json.loads((folder / name).read_text())["findings"]
        write_json(folder / name, findings={finding["key"]: fitted[finding["key"]] for finding in kept})
    seal(folder, findings=kept)
    return "not a map of 1 findings"


@damage("the calibration of another release")
def calibration(folder, seal):
    seal(folder)
    shutil.copy(BUILT_IN / "lung-m" / "calibration.json", folder)
    manifest = manifest_of(folder)
    from hashlib import sha256

    digest = sha256((folder / "calibration.json").read_bytes()).hexdigest()
    write_json(folder / "release.json", files=manifest["files"] | {"calibration.json": digest})
    return "belongs to another model"


@damage("a manifest that names a file elsewhere")
def traversal(folder, _):
    manifest = manifest_of(folder)
    write_json(folder / "release.json", model="../../secret.tflite", files=manifest["files"] | {"../../secret.tflite": "0" * 64})
    return "is no plain file name"


@damage("a manifest that is no JSON")
def garbled(folder, _):
    (folder / "release.json").write_text("{")
    return "is not what a release holds"


@damage("a release for another task")
def other_task(folder, seal):
    seal(folder, task="cardiac")
    return "is for the task 'cardiac'"


@damage("golden vectors of another kind of machine only, which rounding cannot explain")
def other_machine(folder, seal):
    with np.load(folder / "golden.npz") as arrays:
        table = {re.sub("x86_64|aarch64", "riscv64", name): array ^ np.int8(64) if "/" in name else array for name, array in arrays.items()}
    np.savez_compressed(folder / "golden.npz", **table)
    seal(folder)
    return "here than on riscv64"


@pytest.mark.parametrize("name", DAMAGES)
def test_a_bad_candidate_is_refused_with_the_reason_and_the_active_release_reads_on(running, candidate, seal, reads_on, name):
    folder = candidate(running.shelf / "lung-s-9.0.0")
    try:
        expected = DAMAGES[name](folder, seal)
        before = (running.shelf / POINTER).read_bytes() if (running.shelf / POINTER).exists() else None
        status, said = activate(running.appliance, "lung-s-9.0.0")
        assert (status, said["type"]) == (422, "urn:sonoedge:model-unusable")
        assert expected in said["detail"]
        assert said["fix"]
        shown = ask(running.appliance, "GET", "models")[1]
        assert (shown["active"], shown["refusal"]["release"], shown["refusal"]["problem"]) == (FIRST, "lung-s-9.0.0", said["detail"])
        assert ask(running.appliance, "PUT", "model/shadow", {"release": "lung-s-9.0.0"})[0] == 422
        assert ask(running.appliance, "GET", "model/shadow")[1]["release"] is None
        reads_on()
        assert ((running.shelf / POINTER).read_bytes() if (running.shelf / POINTER).exists() else None) == before
    finally:
        shutil.rmtree(folder)


def test_the_refusal_is_forgotten_once_a_release_is_taken(running, candidate, reads_on):
    assert activate(running.appliance, "nothing-1.0.0")[0] == 422
    assert ask(running.appliance, "GET", "models")[1]["refusal"]["release"] == "nothing-1.0.0"
    assert activate(running.appliance, "lung-m")[0] == 200
    assert ask(running.appliance, "GET", "models")[1]["refusal"] is None
    reads_on()


@pytest.fixture
def opinionated(running, candidate, seal):
    """Releases of which one finds everything in every frame, the other nothing."""
    made = []
    for version, thresholds in (("9.1.0", ALWAYS_PRESENT), ("9.2.0", ALWAYS_ABSENT)):
        folder = candidate(running.shelf / f"lung-s-{version}", version)
        keys = json.loads((folder / "conformal.json").read_text())["findings"]
        write_json(folder / "conformal.json", findings=dict.fromkeys(keys, thresholds))
        made.append(seal(folder, version=version))
    yield [folder.name for folder in made]
    activate(running.appliance, FIRST)
    for folder in made:
        shutil.rmtree(folder)


def test_the_active_release_as_its_own_shadow_never_disagrees(running, eventually, reads_on):
    assert ask(running.appliance, "PUT", "model/shadow", {"release": FIRST})[0] == 200
    eventually(lambda: running.appliance.models.status.shadow.frames > 20, "the shadow reads nothing")
    said = ask(running.appliance, "GET", "model/shadow")[1]
    assert (said["release"], said["active"], said["problem"]) == (FIRST, FIRST, "")
    assert {(each["disagreed"], each["difference"]) for each in said["findings"].values()} == {(0, 0.0)}
    assert ask(running.appliance, "PUT", "model/shadow", {"release": None})[1]["release"] is None
    assert not (running.data_dir / SHADOW / JOURNAL).exists()
    reads_on()


def test_a_shadow_that_says_otherwise_is_logged_and_counted_and_not_shown(running, opinionated, eventually):
    appliance, (yes, no) = running.appliance, opinionated
    assert activate(appliance, yes)[0] == 200
    assert ask(appliance, "PUT", "model/shadow", {"release": no})[0] == 200
    eventually(lambda: appliance.models.status.shadow.frames > 60, "the shadow reads nothing")
    said = ask(appliance, "GET", "model/shadow")[1]
    with urllib.request.urlopen(appliance.url + "metrics") as answer:
        metrics = answer.read().decode()
    reading = ask(appliance, "GET", "readings")[1][0]
    assert ask(appliance, "PUT", "model/shadow", {"release": None})[0] == 200
    assert (said["release"], said["active"]) == (no, yes)
    assert {each["disagreed"] for each in said["findings"].values()} == {said["frames"]}
    assert f'sonoedge_shadow_disagreements_total{{active="{yes}",finding="b_lines",release="{no}"}}' in metrics
    assert reading["release"] == yes
    assert {tuple(finding["set"]) for finding in reading["findings"]} == {("present",)}
    lines = [json.loads(line) for line in (running.data_dir / SHADOW / JOURNAL).read_text().splitlines()]
    assert {(line["active"], line["shadow"]) for line in lines} == {(yes, no)}
    assert sum(line["frames"] for line in lines) >= said["frames"]
    assert len(lines) <= said["frames"] / 10, "a line a frame would fill the disk"
    assert lines[0]["findings"]["b_lines"]["active"]["set"] == ["present"]
    assert lines[0]["findings"]["b_lines"]["shadow"]["set"] == ["absent"]


def test_a_shadow_that_fails_leaves_the_live_loop_alone_and_is_told(running, monkeypatch, eventually, reads_on):
    appliance = running.appliance
    assert ask(appliance, "PUT", "model/shadow", {"release": SMALL})[0] == 200
    shadow = appliance.hub.latest and appliance.models._pipeline.shadow
    monkeypatch.setattr(shadow._reader, "infer", lambda _: 1 / 0)
    eventually(lambda: ask(appliance, "GET", "model/shadow")[1]["problem"], "its failure is not told")
    said = ask(appliance, "GET", "model/shadow")[1]
    assert "ZeroDivisionError" in said["problem"]
    assert "reads on" in said["fix"]
    with urllib.request.urlopen(appliance.url + "metrics") as answer:
        assert f'sonoedge_shadow_running{{release="{SMALL}"}} 0.0' in answer.read().decode()
    reads_on()
    assert ask(appliance, "PUT", "model/shadow", {"release": None})[0] == 200


def test_a_shadow_that_becomes_the_active_release_is_no_shadow_any_more(running):
    appliance = running.appliance
    assert ask(appliance, "PUT", "model/shadow", {"release": SMALL})[0] == 200
    assert activate(appliance, SMALL)[0] == 200
    assert ask(appliance, "GET", "model/shadow")[1]["release"] is None
    assert activate(appliance, FIRST)[0] == 200


def test_an_appliance_that_ends_takes_its_shadow_with_it(tmp_path):
    with Appliance(settings(tmp_path, source="")) as appliance:
        assert ask(appliance, "PUT", "model/shadow", {"release": SMALL})[0] == 200
        assert "shadow" in {thread.name for thread in threading.enumerate()}
    assert "shadow" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("delay_s", [None, 0.0, 0.01, 0.03, 0.06])
def test_a_cut_of_power_at_any_point_leaves_one_sound_release_active(tmp_path, delay_s):
    """Killed so long after a change was asked for, or as soon as it was answered."""
    command = [sys.executable, "-m", "edge.cli", "run", "--port", "0", "--threads", "1"]
    environment = {**os.environ, "SONOEDGE_DATA_DIR": str(tmp_path), "SONOEDGE_LOG_LEVEL": "error"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        cut = SimpleNamespace(url=re.search(r"http://\S+/", process.stdout.readline()).group(0))
        before = ask(cut, "GET", "model")[1]["ident"]
        wanted = SMALL if before == FIRST else FIRST
        asked = threading.Thread(target=activate_until_cut, args=(cut, wanted))
        asked.start()
        asked.join(delay_s)
        process.kill()
    asked.join()
    with Appliance(settings(tmp_path, source="")) as again:
        assert again.release.ident == wanted or (delay_s is not None and again.release.ident == before)
        assert ask(again, "GET", "models")[1]["refusal"] is None
        assert activate(again, before)[0] == 200


def activate_until_cut(appliance, ident):
    with suppress(OSError, http.client.HTTPException):
        activate(appliance, ident)
