import dataclasses

import numpy as np
import pytest

from edge.inference.errors import ModelUnusable
from edge.inference.golden import GoldenTable, computed, machine
from edge.inference.release import DEFAULT_RELEASE, ModelRelease
from edge.inference.runtime import Interpreter


@pytest.fixture(scope="module")
def golden():
    return GoldenTable.load(DEFAULT_RELEASE / "golden.npz")


@pytest.fixture(scope="module")
def interpreter():
    return Interpreter(ModelRelease.load().path)


def test_every_release_computes_here_what_it_did_where_it_was_judged(golden, interpreter):
    golden.check(interpreter)


def test_the_vectors_are_told_apart_by_the_network(golden, interpreter):
    maps, features = computed(interpreter, golden.inputs)
    assert len({each.tobytes() for each in maps}) == len({each.tobytes() for each in features}) == len(golden.inputs) >= 4


def test_one_step_of_one_value_is_found(golden, interpreter):
    name = machine(interpreter.runtime)
    maps, features = golden.outputs[name]
    changed = features.copy()
    changed[2].flat[7] ^= 1
    with pytest.raises(ModelUnusable, match="golden vector 2 gives another output 1 here"):
        dataclasses.replace(golden, outputs={name: (maps, changed)}).check(interpreter)


def test_outputs_of_another_shape_are_found(golden, interpreter):
    name = machine(interpreter.runtime)
    maps, features = golden.outputs[name]
    for wrong in ((maps[..., :1], features), (maps,)):
        with pytest.raises(ModelUnusable, match="of the network is"):
            dataclasses.replace(golden, outputs={name: wrong}).check(interpreter)


def test_a_machine_without_a_table_is_refused_and_told_which_there_are(golden, interpreter):
    elsewhere = dataclasses.replace(golden, outputs={"vax/ai-edge-litert": next(iter(golden.outputs.values()))})
    with pytest.raises(ModelUnusable, match="for vax/ai-edge-litert, none for this machine"):
        elsewhere.check(interpreter)


def test_a_table_is_read_as_it_was_written(golden, tmp_path):
    golden.save(tmp_path / "golden.npz")
    read = GoldenTable.load(tmp_path / "golden.npz")
    assert read.model_sha256 == golden.model_sha256
    assert np.array_equal(read.inputs, golden.inputs)
    assert {name: [a.tobytes() for a in said] for name, said in read.outputs.items()} == {
        name: [a.tobytes() for a in said] for name, said in golden.outputs.items()
    }
