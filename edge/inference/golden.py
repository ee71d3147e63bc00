"""Golden vectors: inputs whose exact int8 outputs a release knows, so that a model computes here what it did where it was judged.

The same file rounds differently on x86-64 and on aarch64, and from one runtime to the next, so that there is one table for each of them.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.runtime import Interpreter
from edge.inference.tables import array, load_table, text

Int8 = NDArray[np.int8]

ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
"""What a machine calls itself, to what we call it."""
INPUTS = "inputs"
ROUNDING = 32
"""Steps of int8 that two kinds of machine may differ by; between two runtimes on one machine 23 were seen."""

log = structlog.get_logger()


def machine(runtime: str) -> str:
    """What this machine's table is called: `x86_64/ai-edge-litert`."""
    return f"{ARCHITECTURES.get(platform.machine(), platform.machine())}/{runtime}"


@dataclass(frozen=True, slots=True, eq=False)
class GoldenTable:
    """`inputs` (vectors, 1, side, side, 1); `outputs` maps a machine to one array an output of the network, (vectors, *its shape)."""

    model_sha256: str
    inputs: Int8
    outputs: Mapping[str, tuple[Int8, ...]]

    @classmethod
    def load(cls, path: Path) -> "GoldenTable":
        """Reads `golden.npz`: `inputs`, and `x86_64/ai-edge-litert/0` and so on.

        Raises:
            ModelUnusable: the file is damaged or is not such a table.
        """
        table = load_table(path)
        inputs = np.asarray(array(table, INPUTS, path, 5, "i"), np.int8)
        outputs: dict[str, list[Int8]] = {}
        for name in sorted(name for name in table if "/" in name):
            outputs.setdefault(name.rpartition("/")[0], []).append(np.asarray(array(table, name, path, 5, "i"), np.int8))
        if not len(inputs) or not outputs or any(len(each) != len(inputs) for said in outputs.values() for each in said):
            raise ModelUnusable(f"the arrays of {path} do not fit each other", COPY_AGAIN)
        return cls(text(table, "model_sha256", path), inputs, {name: tuple(said) for name, said in outputs.items()})

    def save(self, path: Path) -> None:
        arrays = {f"{name}/{i}": each for name, said in self.outputs.items() for i, each in enumerate(said)}
        np.savez_compressed(path, allow_pickle=False, model_sha256=np.array(self.model_sha256), inputs=self.inputs, **arrays)

    def check(self, interpreter: Interpreter) -> None:
        """Compares what the network puts out here with the table of this machine, bit for bit.

        A kind of machine that the release was not tried on is held against another's table, within `ROUNDING`, and that is logged.

        Raises:
            ModelUnusable: a value differs.
        """
        name = machine(interpreter.runtime)
        near, allowed = (name, 0) if name in self.outputs else (min(self.outputs), ROUNDING)
        if allowed:
            log.warning("the model release was not tried on this kind of machine", machine=name, compared_with=near)
        expected, found = self.outputs[near], computed(interpreter, self.inputs)
        if [each.shape for each in found] != [each.shape for each in expected]:
            raise ModelUnusable(f"the outputs of the network are not shaped as the golden vectors of {near}", COPY_AGAIN)
        for i, (here, there) in enumerate(zip(found, expected, strict=True)):
            steps = np.abs(here.astype(np.int16) - there).reshape(len(here), -1).max(axis=1)
            if steps.max() > allowed:
                vector = int(np.flatnonzero(steps > allowed)[0])
                raise ModelUnusable(
                    f"golden vector {vector} gives another output {i} here than on {near}: up to {int(steps.max())} steps of int8",
                    f"Use the runtime that the release was tried with; here is {interpreter.runtime} {interpreter.version}",
                )


def computed(interpreter: Interpreter, inputs: Int8) -> tuple[Int8, ...]:
    """What the network puts out here for each of the inputs."""
    said = [interpreter.invoke(each) for each in inputs]
    return tuple(np.stack(each) for each in zip(*said, strict=True))
