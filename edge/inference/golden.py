"""Golden vectors: inputs whose exact int8 outputs a release knows, so that a model computes here what it did where it was judged.

The same file rounds differently from one library of kernels to the next, so that a release has a table for each. A machine's name does
not tell which one computes: ai-edge-litert takes XNNPACK's kernels, which round alike on x86-64 and on every aarch64 processor that was
tried (Cortex-A53, A72, A76, and one with i8mm), and its own where it cannot tell the processor, as in a chroot without `/sys`;
tflite-runtime has other ones on either.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray
from typing_extensions import Self

from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.runtime import Interpreter
from edge.inference.tables import array, load_table, text

Int8 = NDArray[np.int8]

ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
"""What a machine calls itself, to what we call it."""
INPUTS = "inputs"
ROUNDING = 32
"""Steps of int8 that two libraries of kernels may differ by; 23 were seen."""

log = structlog.get_logger()


def machine(runtime: str) -> str:
    """What the table of a kind of machine is called: `x86_64/ai-edge-litert`."""
    return f"{ARCHITECTURES.get(platform.machine(), platform.machine())}/{runtime}"


@dataclass(frozen=True, slots=True)
class Nearest:
    """The `table` from which an answer differs least: by so many `steps` of int8, most at this `vector` of this `output`."""

    table: str
    steps: int
    vector: int
    output: int

    @classmethod
    def of(cls, table: str, found: tuple[Int8, ...], said: tuple[Int8, ...]) -> Self:
        """Of two answers of the same shapes."""
        pairs = zip(found, said, strict=True)
        steps = np.stack([np.abs(here.astype(np.int16) - there).reshape(len(here), -1).max(axis=1) for here, there in pairs])
        output, vector = np.unravel_index(steps.argmax(), steps.shape)
        return cls(table, int(steps.max()), int(vector), int(output))


@dataclass(frozen=True, slots=True, eq=False)
class GoldenTable:
    """`inputs` (vectors, 1, side, side, 1); `outputs` maps a machine that computed them to one array an output, (vectors, *its shape)."""

    model_sha256: str
    inputs: Int8
    outputs: Mapping[str, tuple[Int8, ...]]

    @classmethod
    def load(cls, path: Path) -> Self:
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

    def nearest(self, found: tuple[Int8, ...]) -> Nearest:
        """Which table is nearest to what was computed here; one of other shapes is as far as can be.

        Raises:
            ModelUnusable: no table is of these shapes.
        """
        shapes = [each.shape for each in found]
        alike = {name: said for name, said in self.outputs.items() if [each.shape for each in said] == shapes}
        if not alike:
            raise ModelUnusable(f"the outputs of the network, {shapes}, are not shaped as its golden vectors", COPY_AGAIN)
        return min((Nearest.of(name, found, said) for name, said in sorted(alike.items())), key=lambda near: near.steps)

    def check(self, interpreter: Interpreter) -> Nearest:
        """Compares what the network puts out here with every table: it has to be one of them, bit for bit; says which.

        On a kind of machine that has no table it may differ from the nearest one by `ROUNDING`, and that is logged.

        Raises:
            ModelUnusable: it is another.
        """
        name, near = machine(interpreter.runtime), self.nearest(computed(interpreter, self.inputs))
        if near.steps > (0 if name in self.outputs else ROUNDING):
            raise ModelUnusable(
                f"golden vector {near.vector} gives another output {near.output} here than on {near.table}: {near.steps} steps of int8",
                f"Use the runtime that the release was tried with; here is {interpreter.runtime} {interpreter.version}",
            )
        if near.steps:
            log.warning("the model release was not tried on this kind of machine", machine=name, nearest=near.table, steps=near.steps)
        return near


def computed(interpreter: Interpreter, inputs: Int8) -> tuple[Int8, ...]:
    """What the network puts out here for each of the inputs."""
    said = [interpreter.invoke(each) for each in inputs]
    return tuple(np.stack(each) for each in zip(*said, strict=True))
