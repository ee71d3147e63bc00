"""Reader: the one way to read a frame, live, from a file, in training's evaluation and in the test rig."""

import time

import numpy as np
from typing_extensions import Self

from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.release import ModelRelease, ModelUnusable
from edge.inference.runtime import Interpreter
from edge.vision.prepare import INPUT_SCALE, INPUT_ZERO_POINT, to_tensor
from edge.vision.standardise import Standardised, Standardiser
from firmware_bridge.frame import Frame


class Reader:
    """Reads frames with one model release, in the thread that first asked it to."""

    def __init__(self, release: ModelRelease, interpreter: Interpreter) -> None:
        """Joins a release to its loaded model.

        Raises:
            ModelUnusable: the model's shapes or input scale are not those that the release states.
        """
        self.release = release
        self.interpreter = interpreter
        _check_shapes(release, interpreter)
        output = interpreter.output
        self._scale = np.float32(output.scale)
        self._zero = np.float32(output.zero_point * output.scale)
        self._one_cell = np.float32(1 / (output.shape[1] * output.shape[2]))

    @classmethod
    def load(cls, release: ModelRelease, threads: int = 1, runtime: str | None = None) -> Self:
        """Verifies the release's digest and loads its model.

        Raises:
            ModelUnusable: the file is damaged, is not TFLite, or does not fit the release.
            RuntimeAbsent: no inference runtime is installed.
        """
        release.verify()
        return cls(release, Interpreter(release.path, threads, runtime))

    def standardiser(self) -> Standardiser:
        """What makes the pictures that this reader reads, of one clip or live source; it may run in any thread."""
        return Standardiser(self.release.input_side)

    def infer(self, seen: Standardised) -> Reading:
        begun = time.perf_counter_ns()
        raw = self.interpreter.invoke(to_tensor(seen.picture))
        invoked = time.perf_counter_ns()
        class_map = raw[0] * self._scale - self._zero
        logits: list[float] = (np.add.reduce(class_map, axis=(0, 1)) * self._one_cell).tolist()
        scores = tuple(Score(f.key, f.probability(x), x) for f, x in zip(self.release.findings, logits, strict=True))
        times = StageTimes(seen.prepare_ns, invoked - begun, time.perf_counter_ns() - invoked)
        return Reading(seen.frame.sequence, scores, class_map, times, self.release.version, seen.frame.simulated)

    def read(self, frame: Frame) -> Reading:
        """One frame alone, without those before it."""
        return self.infer(self.standardiser().take(frame))

    def warm_up(self) -> None:
        """Two blank frames: the first invoke of any runtime is many times slower than the next."""
        side = self.release.input_side
        for sequence in range(2):
            self.read(Frame(np.zeros((side, side), np.uint8), sequence, 0, 0))


def _check_shapes(release: ModelRelease, interpreter: Interpreter) -> None:
    side, findings = release.input_side, len(release.findings)
    fix = "Copy the whole release folder again; model and release.json belong together"
    if interpreter.input.shape != (1, side, side, 1):
        raise ModelUnusable(f"{release.path} takes {interpreter.input.shape}, its release says (1, {side}, {side}, 1)", fix)
    if len(interpreter.output.shape) != 4 or interpreter.output.shape[3] != findings:
        raise ModelUnusable(f"{release.path} puts out {interpreter.output.shape}, not (1, rows, columns, {findings})", fix)
    if (interpreter.input.scale, interpreter.input.zero_point) != (INPUT_SCALE, INPUT_ZERO_POINT):
        raise ModelUnusable(
            f"{release.path} scales its input by {interpreter.input.scale} around {interpreter.input.zero_point}, "
            f"not by {INPUT_SCALE} around {INPUT_ZERO_POINT}",
            fix,
        )
