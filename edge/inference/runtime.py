"""The interface to the runtime: LiteRT or its predecessor tflite-runtime; one int8 array in, int8 arrays out."""

import importlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from edge.disk.plain_file import read_plain
from edge.inference.errors import ModelUnusable
from edge.inference.native_log import without_info
from firmware_bridge.errors import Damaged

RUNTIMES = {"ai-edge-litert": "ai_edge_litert.interpreter", "tflite-runtime": "tflite_runtime.interpreter"}
"""Package to module, in order of preference: two ages of the same runtime."""

MOST_BYTES = 64_000_000
"""The largest network of a release."""
MAGIC = slice(4, 8), b"TFL3"
"""The place of the FlatBuffers file identifier in a .tflite file."""


class RuntimeAbsent(Damaged):
    """No inference runtime can be imported."""

    code = "runtime-absent"


class _TensorDetail(Protocol):
    def __getitem__(self, key: str) -> object: ...


class _RawInterpreter(Protocol):
    """The part of both packages' Interpreter that we use."""

    def allocate_tensors(self) -> None: ...
    def get_input_details(self) -> list[_TensorDetail]: ...
    def get_output_details(self) -> list[_TensorDetail]: ...
    def set_tensor(self, index: int, value: NDArray[np.int8]) -> None: ...
    def get_tensor(self, index: int) -> NDArray[np.int8]: ...
    def invoke(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Tensor:
    """The input or an output of the network: `real = (int8 - zero_point) * scale`."""

    index: int
    shape: tuple[int, ...]
    scale: float
    zero_point: int

    def real(self, raw: NDArray[np.int8]) -> NDArray[np.float32]:
        real: NDArray[np.float32] = raw * np.float32(self.scale) - np.float32(self.zero_point * self.scale)
        return real

    @classmethod
    def of(cls, detail: _TensorDetail, path: Path, end: str) -> "Tensor":
        if detail["dtype"] is not np.int8:
            raise ModelUnusable(f"{path} has a {getattr(detail['dtype'], '__name__', '?')} {end}, not int8", "Quantise it to full int8")
        parameters = cast("dict[str, NDArray[np.float32]]", detail["quantization_parameters"])
        if len(parameters["scales"]) != 1:
            raise ModelUnusable(f"the {end} of {path} has no single scale", "Quantise it with one scale for each tensor")
        shape = tuple(int(n) for n in cast("NDArray[np.int32]", detail["shape"]))
        return cls(int(cast("int", detail["index"])), shape, float(parameters["scales"][0]), int(parameters["zero_points"][0]))


class Interpreter:
    """One loaded model. It belongs to one thread; other threads can run during `invoke`."""

    def __init__(self, path: Path, threads: int = 1, runtime: str | None = None) -> None:
        """Loads a .tflite file on `runtime`, or on the first installed one.

        Raises:
            ModelUnusable: the file is absent, is not TFLite, or does not have one int8 input and int8 outputs.
            RuntimeAbsent: the runtime is not installed.
        """
        self.runtime, module = _import_runtime(runtime)
        self.threads = threads
        content = _read_model(path)
        try:
            with without_info():
                self._raw = cast("_RawInterpreter", module.Interpreter(model_content=content, num_threads=threads))
                self._raw.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelUnusable(
                f"{self.runtime} refuses {path}: {str(error).splitlines()[0]}", "Use a model made for this runtime, or copy it again"
            ) from error
        inputs, outputs = self._raw.get_input_details(), self._raw.get_output_details()
        if len(inputs) != 1:
            raise ModelUnusable(f"{path} has {len(inputs)} inputs, not one", "Use a released lung model")
        self.input = Tensor.of(inputs[0], path, "input")
        self.outputs = tuple(Tensor.of(output, path, "output") for output in outputs)

    @property
    def version(self) -> str:
        return importlib.metadata.version(self.runtime)

    def invoke(self, tensor: NDArray[np.int8]) -> tuple[NDArray[np.int8], ...]:
        """Runs the network once on an array of the input's shape; returns one array for each output, as the caller's own copies."""
        raw = self._raw
        raw.set_tensor(self.input.index, tensor)
        raw.invoke()
        return tuple([raw.get_tensor(output.index) for output in self.outputs])


class _RuntimeModule(Protocol):
    def Interpreter(self, *, model_content: bytes, num_threads: int) -> object: ...  # noqa: N802 - the packages' own name


def _import_runtime(wanted: str | None) -> tuple[str, _RuntimeModule]:
    for package in [wanted] if wanted else RUNTIMES:
        try:
            return package, cast("_RuntimeModule", importlib.import_module(RUNTIMES[package]))
        except ImportError:
            continue
    raise RuntimeAbsent(
        f"no inference runtime is installed ({' or '.join([wanted] if wanted else RUNTIMES)})",
        "Install ai-edge-litert, or tflite-runtime with [tflite]",
    )


def _read_model(path: Path) -> bytes:
    try:
        content = read_plain(path, MOST_BYTES, links=True)
    except OSError as error:
        raise ModelUnusable(f"{path} cannot be read ({error.strerror})", "Name a release folder with --model") from error
    where, magic = MAGIC
    if content[where] != magic:
        raise ModelUnusable(f"{path} is not a TFLite model", "Name a release folder whose model is a .tflite file")
    return content
