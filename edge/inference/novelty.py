"""Is this a lung at all? The distance of a frame's features from those of the lungs that the network was trained on.

The features are the mean and the spread, over the picture, of each channel of a middle layer. It is deep enough for textures and shapes;
deeper layers hold only the findings. The distance is to the nearest neighbours among lung frames (Sun et al., ICML 2022). Other organs are
near to lungs by this measure, so a second one states how much a frame is like an organ and not like a lung; the larger of the two counts.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.runtime import Tensor
from edge.inference.tables import array, load_table, text

NEIGHBOURS = 5
"""The mean distance to this many neighbours counts: one odd frame among the lungs must not make others look usual."""

ORGAN = "organ"
"""The array of the second measure. A program that does not know it uses the distance alone."""

Values = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class NoveltyTable:
    """`lungs` (frames, features) are lung frames as `described`, minus `centre`, divided by `spread`; a clip beyond `limit` is novel.

    `organ` (features + 1,) are the weights of the features and an offset, by which other organs have as much novelty as their distance
    should have; None in a release that does not know organs.
    """

    model_sha256: str
    centre: Values
    spread: Values
    lungs: Values
    limit: float
    organ: Values | None = None

    @classmethod
    def load(cls, path: Path) -> "NoveltyTable":
        """Reads `novelty.npz`.

        Raises:
            ModelUnusable: the file is damaged, or its arrays do not fit each other.
        """
        table = load_table(path)
        centre, spread = (array(table, name, path, 1, "f").astype(np.float32) for name in ("centre", "spread"))
        lungs = array(table, "lungs", path, 2, "f").astype(np.float32)
        if not (centre.shape == spread.shape == lungs.shape[1:]) or len(lungs) < NEIGHBOURS or not (spread > 0).all():
            raise ModelUnusable(f"the arrays of {path} do not fit each other", COPY_AGAIN)
        organ = array(table, ORGAN, path, 1, "f").astype(np.float32) if ORGAN in table else None
        if organ is not None and len(organ) != len(centre) + 1:
            raise ModelUnusable(f"{ORGAN!r} in {path} does not fit its features", COPY_AGAIN)
        return cls(text(table, "model_sha256", path), centre, spread, lungs, float(array(table, "limit", path, 0, "f")), organ)

    @cached_property
    def _squares(self) -> Values:
        """The mean square of each lung frame's features."""
        return np.asarray(np.einsum("ij,ij->i", self.lungs, self.lungs) / np.float32(self.lungs.shape[1]))

    @property
    def channels(self) -> int:
        """The number of channels of the layer."""
        return len(self.centre) // 2

    def novelty(self, description: Values) -> float:
        """The novelty of one frame from its features as `described`; larger is less like a lung."""
        distance = self.distance(description)
        return distance if self.organ is None else max(distance, float(description @ self.organ[:-1] + self.organ[-1]))

    def distance(self, description: Values) -> float:
        """The mean distance to the nearest lung frames."""
        place = (description - self.centre) / self.spread
        squares = self.lungs @ (place * np.float32(-2 / len(place)))
        squares += self._squares
        squares.partition(NEIGHBOURS - 1)
        nearest = squares[:NEIGHBOURS] + place @ place / np.float32(len(place))
        return float(np.sqrt(np.maximum(0, nearest)).mean())


def described(raw: NDArray[np.int8], layer: Tensor) -> Values:
    """An output (rows, columns, channels) of `layer` to (2 x channels): the mean of each channel, then its standard deviation.

    The sums of up to 1024 steps of int8 and of their squares are whole numbers below 2**24, so float32 adds them without rounding.
    """
    flat = raw.reshape(-1, raw.shape[-1]).astype(np.float32)
    cells = len(flat)
    sums = (_ones(cells) @ flat).astype(np.float64)
    spread = np.sqrt(np.maximum(0, cells * np.einsum("ij,ij->j", flat, flat).astype(np.float64) - sums * sums))
    return (np.concatenate([sums - cells * layer.zero_point, spread]) * (layer.scale / cells)).astype(np.float32)


@lru_cache(maxsize=4)
def _ones(count: int) -> Values:
    return np.ones(count, np.float32)
