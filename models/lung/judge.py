"""Judge: one trained network, computed by PyTorch in float and as int8 as on the device."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from edge.inference.novelty import described
from edge.inference.runtime import Interpreter
from edge.vision.prepare import to_tensor
from models.lung.fit import network_at, to_input
from models.lung.network import LungNet, frame_logits
from models.lung.recipe import NetworkRecipe, Recipe

Values = NDArray[np.float32]
Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ClipOutput:
    """The output for one clip: (findings,) logits, means over the frames, and the described features (frames, 2 x channels)."""

    float_logits: Values
    int8_logits: Values
    features: Values


class Judge:
    """Loads `NAME.pt` and `NAME.tflite` from a folder."""

    def __init__(self, folder: Path, name: str, network: NetworkRecipe, recipe: Recipe) -> None:
        self._network = network_at(folder / f"{name}.pt", network, recipe)
        self._spoken = len(recipe.spoken)
        self._interpreter = Interpreter(folder / f"{name}.tflite", threads=2)

    def of(self, grey: Grey) -> ClipOutput:
        """The output of both networks for (frames, side, side) grey."""
        logits, features = zip(*map(self._frame, grey), strict=True)
        return ClipOutput(float_logits(self._network, grey)[: self._spoken], np.mean(logits, axis=0, dtype=np.float32), np.stack(features))

    def features(self, grey: Grey) -> Values:
        """(frames, 2 x channels)."""
        return np.stack([self._frame(each)[1] for each in grey])

    def _frame(self, grey: Grey) -> tuple[Values, Values]:
        raw_map, raw_features = self._interpreter.invoke(to_tensor(grey))
        class_map, features = self._interpreter.outputs
        return class_map.real(raw_map[0]).mean(axis=(0, 1)), described(raw_features[0], features)


def float_logits(network: LungNet, grey: Grey) -> Values:
    """(findings,) for (frames, side, side) grey: the mean over the frames."""
    with torch.no_grad():
        mean: Values = frame_logits(network(to_input(torch.from_numpy(grey)))).mean(dim=0).numpy()
    return mean
