import shutil
from dataclasses import replace

import numpy as np

from edge.inference.admission import admit
from edge.inference.golden import GoldenTable
from edge.inference.release import BUILT_IN, GOLDEN, ModelRelease
from models.golden import add, write


def test_a_machine_that_has_no_table_gets_one_and_is_then_admitted(tmp_path):
    folder = shutil.copytree(BUILT_IN / "lung-s", tmp_path / "release")
    golden = GoldenTable.load(folder / GOLDEN)
    elsewhere = {"vax/elder": tuple(np.zeros_like(each) for each in next(iter(golden.outputs.values())))}
    write(replace(golden, outputs=elsewhere), folder)
    name = add(folder)
    assert set(ModelRelease.load(folder).golden.outputs) == {"vax/elder", name}
    assert admit(folder, 1).release.name == "lung-s"
