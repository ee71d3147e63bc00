import dataclasses

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.inference.errors import ModelUnusable
from edge.inference.golden import GoldenTable, computed, machine
from edge.inference.release import BUILT_IN, DEFAULT_RELEASE, ModelRelease
from edge.inference.runtime import Interpreter
from edge.inference.shelf import family


@pytest.fixture(scope="module")
def golden():
    return GoldenTable.load(DEFAULT_RELEASE / "golden.npz")


@pytest.fixture(scope="module")
def interpreter():
    return Interpreter(ModelRelease.load().path)


@pytest.fixture(scope="module")
def here(golden, interpreter):
    """What this machine computes."""
    return computed(interpreter, golden.inputs)


@pytest.mark.parametrize("folder", family(BUILT_IN), ids=lambda folder: folder.name)
def test_every_release_computes_here_what_it_did_on_a_machine_that_it_was_tried_on(folder):
    release = ModelRelease.load(folder)
    assert release.golden.check(Interpreter(release.path)).steps == 0


def test_the_network_separates_the_vectors(golden, here):
    maps, features = here
    assert len({each.tobytes() for each in maps}) == len({each.tobytes() for each in features}) == len(golden.inputs) >= 4


def test_one_step_of_one_value_is_found(golden, interpreter, here):
    maps, features = here
    changed = features.copy()
    changed[2].flat[7] ^= 1
    with pytest.raises(ModelUnusable, match=r"golden vector 2 gives another output 1 here than on .*: 1 steps"):
        dataclasses.replace(golden, outputs={machine(interpreter.runtime): (maps, changed)}).check(interpreter)


def test_outputs_of_another_shape_are_found(golden, interpreter, here):
    maps, features = here
    for wrong in ((maps[..., :1], features), (maps,)):
        with pytest.raises(ModelUnusable, match="have other shapes"):
            dataclasses.replace(golden, outputs={machine(interpreter.runtime): wrong}).check(interpreter)


def test_the_kernels_of_any_machine_will_do_bit_for_bit(golden, interpreter, here):
    """A board uses the kernels of its processor: those of its own table, or those of another table."""
    own, other = machine(interpreter.runtime), tuple(each ^ 1 for each in here)
    with capture_logs() as logs:
        dataclasses.replace(golden, outputs={own: other, "vax/older": here}).check(interpreter)
        dataclasses.replace(golden, outputs={"vax/older": other, own: here}).check(interpreter)
    assert logs == []
    with pytest.raises(ModelUnusable, match=f"here than on {own}"):
        dataclasses.replace(golden, outputs={own: other}).check(interpreter)


def test_on_a_kind_of_machine_that_it_was_not_tried_on_a_release_may_round_otherwise_but_not_say_otherwise(golden, interpreter, here):
    maps, features = here
    rounded = np.clip(maps.astype(np.int16) + 3, -128, 127).astype(np.int8)
    with capture_logs() as logs:
        dataclasses.replace(golden, outputs={"pdp/oldest": (~maps, features), "vax/older": (rounded, features)}).check(interpreter)
    (reported,) = logs
    assert (reported["log_level"], reported["nearest"], reported["steps"]) == ("warning", "vax/older", 3)
    with pytest.raises(ModelUnusable, match="here than on vax/older"):
        dataclasses.replace(golden, outputs={"vax/older": (np.flip(maps, axis=0), features)}).check(interpreter)


def weights_of(content):
    """Where in a .tflite the int8 weights lie: (from, to)."""
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated", reason="needs ai-edge-litert")
    model = schema.Model.GetRootAs(content, 0)
    tensors = [model.Subgraphs(0).Tensors(i) for i in range(model.Subgraphs(0).TensorsLength())]
    buffers = [model.Buffers(each.Buffer()) for each in tensors if each.Type() == schema.TensorType.INT8]
    return [(each.Offset(), each.Offset() + each.Size()) for each in buffers if each.Size() > 1]


def test_most_single_bytes_of_the_weights_are_noticed(tmp_path):
    """Of 200 flipped in lung-m 162 were, in lung-s 184; those that were not moved no real clip's probability by more than 0.0011."""
    release = ModelRelease.load(BUILT_IN / "lung-s")
    content, rng = release.path.read_bytes(), np.random.default_rng(1)
    places = np.concatenate([np.arange(*span) for span in weights_of(content)])
    noticed = 0
    for place in rng.choice(places, 16):
        flipped = bytearray(content)
        flipped[place] ^= rng.integers(1, 256)
        (tmp_path / "flipped.tflite").write_bytes(flipped)
        noticed += release.golden.nearest(computed(Interpreter(tmp_path / "flipped.tflite"), release.golden.inputs)).steps > 0
    assert noticed >= 12


def test_a_table_is_read_as_it_was_written(golden, tmp_path):
    golden.save(tmp_path / "golden.npz")
    read = GoldenTable.load(tmp_path / "golden.npz")
    assert read.model_sha256 == golden.model_sha256
    assert np.array_equal(read.inputs, golden.inputs)
    assert {name: [a.tobytes() for a in stated] for name, stated in read.outputs.items()} == {
        name: [a.tobytes() for a in stated] for name, stated in golden.outputs.items()
    }
