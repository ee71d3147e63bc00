"""Subsets for training and testing: folds of patients and of whole sources."""

import numpy as np
from numpy.typing import NDArray

ALL, FOLD = "all", "fold"


def subsets(folds: NDArray[np.int64]) -> dict[str, NDArray[np.intp]]:
    """The training clips of each network: `fold0` has all but those of fold 0, and so on; `all` has all of them."""
    return {**{f"{FOLD}{k}": np.flatnonzero(folds != k) for k in np.unique(folds)}, ALL: np.arange(len(folds))}


def judge_of(fold: int) -> str:
    """The network that reads a clip of this fold: the one that never saw its patient. An external clip is new to all networks."""
    return ALL if fold < 0 else f"{FOLD}{fold}"
