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
        with pytest.raises(ModelUnusable, match="are not shaped"):
            dataclasses.replace(golden, outputs={name: wrong}).check(interpreter)


def test_on_a_kind_of_machine_that_it_was_not_tried_on_a_release_may_round_otherwise_but_not_say_otherwise(golden, interpreter):
    maps, features = golden.outputs[machine(interpreter.runtime)]
    rounded = np.clip(maps.astype(np.int16) + 3, -128, 127).astype(np.int8)
    dataclasses.replace(golden, outputs={"vax/elder": (rounded, features)}).check(interpreter)
    with pytest.raises(ModelUnusable, match="here than on vax/elder"):
        dataclasses.replace(golden, outputs={"vax/elder": (np.flip(maps, axis=0), features)}).check(interpreter)


def test_a_table_is_read_as_it_was_written(golden, tmp_path):
    golden.save(tmp_path / "golden.npz")
    read = GoldenTable.load(tmp_path / "golden.npz")
    assert read.model_sha256 == golden.model_sha256
    assert np.array_equal(read.inputs, golden.inputs)
    assert {name: [a.tobytes() for a in said] for name, said in read.outputs.items()} == {
        name: [a.tobytes() for a in said] for name, said in golden.outputs.items()
    }
