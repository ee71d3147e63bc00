import shutil
from dataclasses import replace

import numpy as np
import pytest

from edge.inference.admission import admit
from edge.inference.golden import GoldenTable, machine
from edge.inference.release import BUILT_IN, GOLDEN, MANIFEST, ModelRelease
from edge.inference.runtime import Interpreter
from models.golden import add, write


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(BUILT_IN / "lung-s", tmp_path / "release")


def test_a_machine_without_a_table_gets_one_and_is_then_admitted(folder):
    golden = GoldenTable.load(folder / GOLDEN)
    elsewhere = {"vax/elder": tuple(np.zeros_like(each) for each in next(iter(golden.outputs.values())))}
    write(replace(golden, outputs=elsewhere), folder)
    near = add(folder)
    assert (near.table, near.steps > 0) == ("vax/elder", True)
    here = machine(Interpreter(ModelRelease.load(folder).path).runtime)
    assert set(ModelRelease.load(folder).golden.outputs) == {"vax/elder", here}
    assert admit(folder, 1).release.name == "lung-s"


def test_a_machine_with_the_outputs_of_another_needs_no_table(folder):
    golden = GoldenTable.load(folder / GOLDEN)
    (here,) = [name for name in golden.outputs if name == add(folder).table]
    write(replace(golden, outputs={"vax/elder": golden.outputs[here]}), folder)
    before = (folder / GOLDEN).read_bytes(), (folder / MANIFEST).read_bytes()
    near = add(folder)
    assert (near.table, near.steps) == ("vax/elder", 0)
    assert before == ((folder / GOLDEN).read_bytes(), (folder / MANIFEST).read_bytes())
