"""Fits the novelty table: some lung frames of each clip, and the distance of left-out lung frames from them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.inference.novelty import NoveltyTable

Values = NDArray[np.float32]
FLOOR = 1e-3
"""Lowest variation of a feature among lungs, as a share of the mean variation."""
REFUSED = 0.02
"""The share of left-out lung clips that may be above the limit."""


def fit(features: Values, model_sha256: str, limit: float = np.inf) -> NoveltyTable:
    """Fits (frames, features), as described by `edge.inference.novelty`."""
    centre, spread = features.mean(axis=0), features.std(axis=0)
    spread = spread + FLOOR * spread.mean()
    return NoveltyTable(model_sha256, centre, spread, (features - centre) / spread, limit)


def clip_novelty(table: NoveltyTable, clips: Sequence[Values]) -> Values:
    """The mean novelty of the frames of each clip, as the appliance computes it."""
    return np.array([np.mean([table.distance(frame) for frame in frames]) for frames in clips], np.float32)


def limit_of(left_out: Values) -> float:
    """Fits the limit to the novelty of left-out lung clips."""
    return float(np.quantile(left_out, 1 - REFUSED))


def save(table: NoveltyTable, path: Path) -> None:
    """Writes half floats: their rounding errors are far below the distances."""
    np.savez_compressed(
        path,
        allow_pickle=False,
        model_sha256=np.array(table.model_sha256),
        centre=table.centre,
        spread=table.spread,
        lungs=table.lungs.astype(np.float16),
        limit=np.float32(table.limit),
    )
