"""Who learns and who judges: folds of patients."""

import numpy as np
from numpy.typing import NDArray

ALL = "all"


def subsets(folds: NDArray[np.int64], count: int) -> dict[str, NDArray[np.intp]]:
    """Which clips each network learns from: `fold0` all but those of fold 0, and so on; `all` all of them."""
    return {**{f"fold{k}": np.flatnonzero(folds != k) for k in range(count)}, ALL: np.arange(len(folds))}


def judge_of(fold: int) -> str:
    """Which network judges a clip of this fold: the one that never saw its patient; all of them are strangers to an external clip."""
    return ALL if fold < 0 else f"fold{fold}"
