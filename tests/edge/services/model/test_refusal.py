"""A candidate that is bad in any way is refused with the reason, and the active release reads on."""

import json
import re
import shutil

import numpy as np
import pytest

from edge.appliance import Appliance
from edge.disk.digest import digest_of
from edge.disk.layout import DataFolder
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import POINTER

FIRST, SMALL = (ModelRelease.load(BUILT_IN / name).ident for name in ("lung-m", "lung-s"))


def damage(name):
    def decorate(function):
        DAMAGES[name] = function
        return function

    return decorate


DAMAGES = {}
"""What can be wrong with a candidate: (folder, seal) -> what the refusal has to say. A sealed one is damage that its maker has signed."""


def manifest_of(folder):
    return json.loads((folder / "release.json").read_text())


def write_json(path, **stated):
    path.write_text(json.dumps(json.loads(path.read_text()) | stated))


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
    return "its release states (1, 96, 96, 1)"


@damage("fewer labels than outputs")
def labels(folder, seal):
    kept = manifest_of(folder)["findings"][:1]
    for name in ("calibration.json", "conformal.json"):
        fitted = json.loads((folder / name).read_text())["findings"]
        write_json(folder / name, findings={finding["key"]: fitted[finding["key"]] for finding in kept})
    write_json(folder / "validation.json", validated_on=[], across_machines=None)
    seal(folder, findings=kept)
    return "not a map of 1 findings"


@damage("the calibration of another release")
def calibration(folder, seal):
    seal(folder)
    shutil.copy(BUILT_IN / "lung-m" / "calibration.json", folder)
    files = manifest_of(folder)["files"] | {"calibration.json": digest_of(folder / "calibration.json")}
    write_json(folder / "release.json", files=files)
    return "belongs to another model"


@damage("a manifest that names a file elsewhere")
def traversal(folder, _):
    manifest = manifest_of(folder)
    write_json(folder / "release.json", model="../../secret.tflite", files=manifest["files"] | {"../../secret.tflite": "0" * 64})
    return "is not a plain file name"


@damage("a manifest that is no JSON")
def garbled(folder, _):
    (folder / "release.json").write_text("{")
    return "is not a valid file of a release"


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


BAD = "lung-s-9.0.0"


@pytest.fixture(params=DAMAGES)
def reason(request, running, candidate, seal):
    """A bad candidate lies on the shelf; this is what its refusal has to say."""
    folder = candidate(running.shelf / BAD)
    yield DAMAGES[request.param](folder, seal)
    shutil.rmtree(folder)


def test_a_bad_candidate_is_refused_with_the_reason_and_the_active_release_reads_on(running, reason, reads_on, api):
    before = activated(running)
    status, stated = api.activate(running.appliance, BAD)
    assert (status, stated["type"]) == (422, "urn:sonoedge:model-unusable")
    assert reason in stated["detail"]
    assert stated["fix"]
    shown = api.ask(running.appliance, "GET", "models")[1]
    assert (shown["active"], shown["refusal"]["release"], shown["refusal"]["problem"]) == (FIRST, BAD, stated["detail"])
    assert api.ask(running.appliance, "PUT", "model/shadow", {"release": BAD})[0] == 422
    assert api.ask(running.appliance, "GET", "model/shadow")[1]["release"] is None
    reads_on()
    assert activated(running) == before


def activated(running):
    pointer = running.shelf / POINTER
    return pointer.read_bytes() if pointer.exists() else None


def test_the_refusal_is_forgotten_once_a_release_is_taken(running, reads_on, api):
    assert api.activate(running.appliance, "nothing-1.0.0")[0] == 422
    assert api.ask(running.appliance, "GET", "models")[1]["refusal"]["release"] == "nothing-1.0.0"
    assert api.activate(running.appliance, "lung-m")[0] == 200
    assert api.ask(running.appliance, "GET", "models")[1]["refusal"] is None
    reads_on()


def test_a_broken_active_release_at_the_start_leaves_a_built_in_one_reading_and_says_so(tmp_path, candidate, eventually, api, ledgered):
    folder = candidate(DataFolder(tmp_path).models / BAD)
    with Appliance(api.settings(tmp_path, source="")) as appliance:
        ledgered(appliance.store, folder)
        assert api.activate(appliance, BAD)[0] == 200
    (folder / "lung-s.tflite").write_bytes(b"worn out")
    with Appliance(api.settings(tmp_path)) as appliance:
        eventually(lambda: appliance.counts.read > 3, "nothing reads")
        stated = api.ask(appliance, "GET", "models")[1]
        assert stated["active"] in (FIRST, SMALL)
        assert "is not the file that was released" in stated["refusal"]["problem"]
        assert stated["refusal"]["fix"]
        broken = next(each for each in stated["releases"] if each["release"] == BAD)
        assert broken["problem"]
        assert api.activate(appliance, FIRST)[0] == 200
        assert api.ask(appliance, "GET", "models")[1]["refusal"] is None
