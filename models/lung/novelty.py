"""Fits the novelty table: frames of lungs, some of each clip, and how far the frames of lungs left out lie from them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.inference.novelty import NoveltyTable

Values = NDArray[np.float32]
FLOOR = 1e-3
"""A feature that hardly varies among lungs is taken to vary by this share of the mean variation."""
REFUSED = 0.02
"""The share of lung clips left out that may lie beyond the limit."""


def fit(features: Values, model_sha256: str, limit: float = np.inf) -> NoveltyTable:
    """From (frames, features), described as `edge.inference.novelty` does."""
    centre, spread = features.mean(axis=0), features.std(axis=0)
    spread = spread + FLOOR * spread.mean()
    return NoveltyTable(model_sha256, centre, spread, (features - centre) / spread, limit)


def clip_novelty(table: NoveltyTable, clips: Sequence[Values]) -> Values:
    """The mean novelty of the frames of each clip, as the appliance takes it."""
    return np.array([np.mean([table.distance(frame) for frame in frames]) for frames in clips], np.float32)


def limit_of(left_out: Values) -> float:
    """From the novelty of lung clips left out."""
    return float(np.quantile(left_out, 1 - REFUSED))


def save(table: NoveltyTable, path: Path) -> None:
    """Half floats: the table is read with errors far below the distances."""
    np.savez_compressed(
        path,
        allow_pickle=False,
        model_sha256=np.array(table.model_sha256),
        centre=table.centre,
        spread=table.spread,
        lungs=table.lungs.astype(np.float16),
        limit=np.float32(table.limit),
    )
