"""Is this ultrasound at all? A score of how grey levels, speckle and depth look along the beams.

Signs of ultrasound: speckle wherever there is an echo, equally strong in the logarithm at every brightness; changes along a beam
that differ from those between beams; an array that is bright from side to side, and fades below it. `python -m models.foreign` fits the
weights and writes them to `foreign.json`.
"""

from functools import cached_property, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from edge.vision.beams import DEPTHS, LINES, Beams
from firmware_bridge.frame import Grey

Numbers = NDArray[np.float64]
Values = NDArray[np.float32]
Flags = NDArray[np.bool_]

FEATURES = (
    *("third_quartile", "bright", "black", "dim"),
    *("front", "bottom", "weak_line", "lopsided", "covered"),
    *("quiet_texture", "usual_texture", "strong_texture", "uneven_texture"),
    *("between_1", "between_16", "along_2", "along_16", "along_1_tail", "between_6_tail", "direction", "direction_near", "off_profile"),
    *("lit_step", "lit_step_spread", "lit_step_tail"),
)
LIT = 24
"""Speckle is visible from this grey level."""
BLOCK = (4, 8)
"""(lines, depths) over which a texture is measured: larger than a grain of speckle, smaller than an organ."""
FEW = 4
"""With fewer blocks no texture is measured."""
FARTHEST = 3.0
"""A feature is clipped at this many deviations from the mean."""
SURE = 6.0
"""The log-odds of one frame are clipped here."""
NOTHING_TO_SEE = 8
"""A frame whose bright echoes stay below this level counts as dark."""


class ForeignScore(BaseModel):
    """offset + weights x z + z x products x z, where z = (features - mean) / deviation; above 0 it counts as a photograph, CT or MR."""

    mean: list[float]
    deviation: list[float]
    offset: float
    weights: list[float]
    products: list[list[float]]

    @cached_property
    def _arrays(self) -> tuple[Numbers, ...]:
        return tuple(np.array(values) for values in (self.mean, self.deviation, self.weights, self.products))

    def of(self, features: Numbers) -> Numbers:
        """Log-odds of (..., features); a feature that could not be measured counts for neither side."""
        mean, deviation, weights, products = self._arrays
        z = np.nan_to_num(np.clip((features - mean) / deviation, -FARTHEST, FARTHEST))
        return np.asarray(z @ weights + ((z @ products) * z).sum(axis=-1) + self.offset)


def foreign(grey: Grey, beams: Beams) -> float:
    """How far (lines, depths) grey is from ultrasound, as log-odds between -SURE and SURE; 0 where there is nothing to see."""
    described = features(grey, beams)
    if not described[FEATURES.index("bright")] > NOTHING_TO_SEE / 255:
        return 0.0
    return float(np.clip(_score().of(described), -SURE, SURE))


def features(grey: Grey, beams: Beams) -> Numbers:
    """The `FEATURES` of (lines, depths) grey; NaN where one cannot be measured."""
    valid = beams.valid
    shown = grey[valid]
    if not shown.size:
        return np.full(len(FEATURES), np.nan)
    values = grey.astype(np.float32)
    mean, spread = max(1.0, float(shown.mean())), float(shown.std()) + 1
    by_depth = values.sum(axis=0) / np.maximum(1, valid.sum(axis=0))
    by_line = values.sum(axis=1) / np.maximum(1, valid.sum(axis=1))
    return np.array(
        [
            *_levels(shown),
            np.log((by_depth[: DEPTHS // 16].max() + 4) / (mean + 4)),
            by_depth[-DEPTHS // 8 :].mean() / mean,
            np.sort(values[:, 2:20].mean(axis=1))[LINES // 10] / mean,
            abs(float(by_line[: LINES // 2].mean() - by_line[LINES // 2 :].mean())) / mean,
            shown.size / valid.size,
            *_textures(values, valid),
            *_steps(values, valid, spread),
            float((np.abs(values - by_depth) * valid).sum()) / shown.size / mean,
            *_lit_steps(grey, valid),
        ],
        np.float64,
    )


def _levels(shown: Grey) -> tuple[float, ...]:
    counts = np.bincount(shown, minlength=256)
    third_quartile, bright = np.searchsorted(np.cumsum(counts), np.array([0.75, 0.95]) * shown.size) / 255
    return float(third_quartile), float(bright), float(counts[0]) / shown.size, float(counts[32:64].sum()) / shown.size


def _textures(values: Values, valid: Flags) -> tuple[float, ...]:
    """Over the lit blocks: low and middle spread relative to brightness, high spread, and how much the spread itself varies."""
    lines, depths = LINES // BLOCK[0], DEPTHS // BLOCK[1]
    blocks = values.reshape(lines, BLOCK[0], depths, BLOCK[1]).transpose(0, 2, 1, 3).reshape(lines * depths, -1)
    whole = valid.reshape(lines, BLOCK[0], depths, BLOCK[1]).all(axis=(1, 3)).ravel()
    means = blocks.mean(axis=1)
    lit = whole & (means > LIT)
    if np.count_nonzero(lit) < FEW:
        return (np.nan,) * 4
    spreads = np.sqrt(np.maximum(0, (blocks[lit] ** 2).mean(axis=1) - means[lit] ** 2))
    relative = np.sort(spreads / means[lit])
    count = len(spreads)
    return (
        float(np.log(relative[count // 10] + 0.02)),
        float(np.log(relative[count // 2] + 0.02)),
        float(np.log(np.sort(spreads)[count * 9 // 10] + 1)),
        float(np.log((spreads.std() + 1) / (spreads.mean() + 1))),
    )


def _steps(values: Values, valid: Flags, spread: float) -> tuple[float, ...]:
    """How much grey changes between beams and along them, and whether in many small steps or in few large ones."""
    between_1, _ = _change(values, valid, 1)
    between_6, between_6_rms = _change(values, valid, 6)
    between_16, _ = _change(values, valid, 16)
    along_1, along_1_rms = _change(values.T, valid.T, 1)
    along_2, _ = _change(values.T, valid.T, 2)
    along_16, _ = _change(values.T, valid.T, 16)
    near = slice(2, DEPTHS // 4)
    near_between, near_along = _change(values[:, near], valid[:, near], 1)[0], _change(values[:, near].T, valid[:, near].T, 1)[0]
    return (
        *(float(np.log((step + 0.5) / spread)) for step in (between_1, between_16, along_2, along_16)),
        along_1 / max(0.5, along_1_rms),
        between_6 / max(0.5, between_6_rms),
        float(np.log((between_1 + 0.5) / (along_1 + 0.5))),
        float(np.log((near_between + 0.5) / (near_along + 0.5))),
    )


def _change(values: Values, valid: Flags, by: int) -> tuple[float, float]:
    """(mean, root mean square) difference between values that are `by` apart along the first axis."""
    step = (values[by:] - values[:-by])[valid[by:] & valid[:-by]]
    if not step.size:
        return 0.0, 0.0
    return float(np.abs(step).mean()), float(np.sqrt(np.dot(step, step) / step.size))


def _lit_steps(grey: Grey, valid: Flags) -> tuple[float, ...]:
    """Between neighbouring beams where both show something: the usual step, and how much larger the large ones are."""
    one, other = grey[1:], grey[:-1]
    lit = valid[1:] & valid[:-1] & (np.minimum(one, other) > LIT)
    counts = np.bincount(np.maximum(one, other)[lit] - np.minimum(one, other)[lit], minlength=1)
    total = int(counts.sum())
    if total < FEW * BLOCK[0] * BLOCK[1]:
        return (np.nan,) * 3
    quartile, median, third, largest = np.searchsorted(np.cumsum(counts), np.array([0.25, 0.5, 0.75, 0.95]) * total)
    return float(np.log(median + 1)), float(np.log((third + 1) / (quartile + 1))), float(np.log((largest + 1) / (median + 1)))


@lru_cache(maxsize=1)
def _score() -> ForeignScore:
    return ForeignScore.model_validate_json((files("edge.vision") / "foreign.json").read_text())
