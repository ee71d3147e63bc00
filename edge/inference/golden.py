"""Golden vectors: inputs with their exact int8 outputs. They show that a model computes here what it computed where it was evaluated.

Two libraries of kernels round the same model differently, so a release has a table for each. The name of a machine does not state which
library computes. ai-edge-litert uses XNNPACK's kernels, which round alike on x86-64 and on every aarch64 processor that was tested
(Cortex-A53, A72, A76, and one with i8mm). It uses its own kernels if it cannot detect the processor, as in a chroot without `/sys`.
tflite-runtime has other kernels on both.
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
"""A machine's own name -> our name for it."""
INPUTS = "inputs"
ROUNDING = 32
"""The allowed difference, in steps of int8, between two libraries of kernels; 23 were seen."""

log = structlog.get_logger()


def machine(runtime: str) -> str:
    """The name of the table for a kind of machine: `x86_64/ai-edge-litert`."""
    return f"{ARCHITECTURES.get(platform.machine(), platform.machine())}/{runtime}"


@dataclass(frozen=True, slots=True)
class Nearest:
    """The `table` nearest to an answer: it differs by this many `steps` of int8, most at this `vector` of this `output`."""

    table: str
    steps: int
    vector: int
    output: int

    @classmethod
    def of(cls, table: str, found: tuple[Int8, ...], stated: tuple[Int8, ...]) -> Self:
        """The difference of two answers of the same shapes."""
        pairs = zip(found, stated, strict=True)
        steps = np.stack([np.abs(ours.astype(np.int16) - theirs).reshape(len(ours), -1).max(axis=1) for ours, theirs in pairs])
        output, vector = np.unravel_index(steps.argmax(), steps.shape)
        return cls(table, int(steps.max()), int(vector), int(output))


@dataclass(frozen=True, slots=True, eq=False)
class GoldenTable:
    """`inputs` (vectors, 1, side, side, 1); `outputs` maps a kind of machine to its arrays, one for each output, (vectors, *its shape)."""

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
        if not len(inputs) or not outputs or any(len(each) != len(inputs) for answers in outputs.values() for each in answers):
            raise ModelUnusable(f"the arrays of {path} do not fit each other", COPY_AGAIN)
        return cls(text(table, "model_sha256", path), inputs, {name: tuple(answers) for name, answers in outputs.items()})

    def save(self, path: Path) -> None:
        arrays = {f"{name}/{i}": each for name, answers in self.outputs.items() for i, each in enumerate(answers)}
        np.savez_compressed(path, allow_pickle=False, model_sha256=np.array(self.model_sha256), inputs=self.inputs, **arrays)

    def nearest(self, found: tuple[Int8, ...]) -> Nearest:
        """The table nearest to the outputs computed here; tables of other shapes are ignored.

        Raises:
            ModelUnusable: no table has these shapes.
        """
        shapes = [each.shape for each in found]
        alike = {name: answers for name, answers in self.outputs.items() if [each.shape for each in answers] == shapes}
        if not alike:
            raise ModelUnusable(f"the outputs of the network, {shapes}, have other shapes than its golden vectors", COPY_AGAIN)
        return min((Nearest.of(name, found, answers) for name, answers in sorted(alike.items())), key=lambda near: near.steps)

    def check(self, interpreter: Interpreter) -> Nearest:
        """Compares the network's outputs here with every table: they must equal one table, bit for bit; returns its name.

        On a kind of machine without a table they may differ from the nearest table by `ROUNDING`; this is logged.

        Raises:
            ModelUnusable: they differ from every table.
        """
        name, near = machine(interpreter.runtime), self.nearest(computed(interpreter, self.inputs))
        if near.steps > (0 if name in self.outputs else ROUNDING):
            raise ModelUnusable(
                f"golden vector {near.vector} gives another output {near.output} here than on {near.table}: {near.steps} steps of int8",
                f"Use the runtime that the release was tested with; this one is {interpreter.runtime} {interpreter.version}",
            )
        if near.steps:
            log.warning("the model release was not tested on this kind of machine", machine=name, nearest=near.table, steps=near.steps)
        return near


def computed(interpreter: Interpreter, inputs: Int8) -> tuple[Int8, ...]:
    """The network's outputs here for each of the inputs."""
    answers = [interpreter.invoke(each) for each in inputs]
    return tuple(np.stack(each) for each in zip(*answers, strict=True))
