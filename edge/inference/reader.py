"""Reader: the only way to read a frame: live, from a file, in the evaluation after training and in the test rig."""

import math
import time

import numpy as np
from typing_extensions import Self

from edge.inference.errors import COPY_AGAIN, ModelUnusable, OutputNotFinite
from edge.inference.novelty import described
from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.release import ModelRelease
from edge.inference.runtime import Interpreter
from edge.vision.prepare import INPUT_SCALE, INPUT_ZERO_POINT, to_tensor
from edge.vision.standardise import Prepared, Standardised, Standardiser
from firmware_bridge.frame import Frame


class Reader:
    """Reads frames with one model release, in the thread that used it first."""

    def __init__(self, release: ModelRelease, interpreter: Interpreter) -> None:
        """Joins a release to its loaded model.

        Raises:
            ModelUnusable: the model's shapes or input scale differ from those in the release.
        """
        self.release = release
        self.interpreter = interpreter
        _check_shapes(release, interpreter)
        self._map, self._features = interpreter.outputs
        self._one_cell = np.float32(1 / (self._map.shape[1] * self._map.shape[2]))

    @classmethod
    def load(cls, release: ModelRelease, threads: int = 1, runtime: str | None = None) -> Self:
        """Verifies the release's digests and loads its model.

        Raises:
            ModelUnusable: the file is damaged, is not TFLite, or does not fit the release.
            RuntimeAbsent: no inference runtime is installed.
        """
        release.verify()
        return cls(release, Interpreter(release.path, threads, runtime))

    def standardiser(self) -> Standardiser:
        """Makes the pictures for this reader, of one clip or live source; it may run in any thread."""
        return Standardiser(self.release.input_side, self.release.looks)

    def infer(self, seen: Prepared | Standardised) -> Reading:
        """Reads one frame; its quality is not needed.

        Raises:
            OutputNotFinite: an output of the network is not a finite number, so that the frame has no reading.
        """
        begun = time.perf_counter_ns()
        raw_map, raw_features = self.interpreter.invoke(to_tensor(seen.picture))
        invoked = time.perf_counter_ns()
        class_map = self._map.real(raw_map[0])
        logits: list[float] = (np.add.reduce(class_map, axis=(0, 1)) * self._one_cell).tolist()
        scores = tuple(Score(f.key, f.probability(x), x) for f, x in zip(self.release.findings, logits, strict=True))
        features = described(raw_features[0], self._features)
        novelty = self.release.novelty.novelty(features)
        if not math.isfinite(novelty):
            raise OutputNotFinite(f"The novelty of the network's features is {novelty}, not a finite number", COPY_AGAIN)
        times = StageTimes(seen.prepare_ns, invoked - begun, time.perf_counter_ns() - invoked)
        frame = seen.frame
        return Reading(frame.sequence, scores, class_map, times, self.release.version, frame.simulated, novelty, frame.machine, features)

    def read(self, frame: Frame) -> Reading:
        """Reads one frame alone, without those before it."""
        return self.infer(self.standardiser().take(frame))

    def warm_up(self) -> None:
        """Reads two blank frames: the first invoke of any runtime is many times slower than the next."""
        side = self.release.input_side
        for sequence in range(2):
            self.read(Frame(np.zeros((side, side), np.uint8), sequence, 0, 0))


def _check_shapes(release: ModelRelease, interpreter: Interpreter) -> None:
    side, findings = release.input_side, len(release.findings)
    fix = "Copy the whole release folder again; model and release.json belong together"
    if interpreter.input.shape != (1, side, side, 1):
        raise ModelUnusable(f"{release.path} takes {interpreter.input.shape}, its release states (1, {side}, {side}, 1)", fix)
    shapes, channels = [output.shape for output in interpreter.outputs], release.novelty.channels
    if [len(shape) for shape in shapes] != [4, 4] or [shape[3] for shape in shapes] != [findings, channels]:
        raise ModelUnusable(f"{release.path} outputs {shapes}, not a map of {findings} findings and one of {channels} channels", fix)
    if (interpreter.input.scale, interpreter.input.zero_point) != (INPUT_SCALE, INPUT_ZERO_POINT):
        raise ModelUnusable(
            f"{release.path} scales its input by {interpreter.input.scale} around {interpreter.input.zero_point}, "
            f"not by {INPUT_SCALE} around {INPUT_ZERO_POINT}",
            fix,
        )
