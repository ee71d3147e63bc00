"""Tables of ratings, as readers who agree more than by chance would fill them."""

import numpy as np

from edge.feedback.concordance.ratings import Rating, Ratings


def values_of(seed, cases=30, readers=2, scale=4, missing=0.0):
    """(cases, readers) whole numbers from 0, NaN where missing; at least two kinds occur."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, scale, cases)
    values = np.where(rng.random((cases, readers)) < 0.6, truth[:, None], rng.integers(0, scale, (cases, readers))).astype(float)
    values[0], values[1] = 0, 1
    values[2:][rng.random((cases - 2, readers)) < missing] = np.nan
    return values


def ratings_of(values, patients=None):
    """Readers a, b, c ...; each case of a patient of its own, unless stated."""
    people = range(len(values)) if patients is None else patients
    return Ratings.of(
        Rating(f"{number:04}", f"p{patient}", "abcdefgh"[reader], float(value))
        for number, (row, patient) in enumerate(zip(values, people, strict=True))
        for reader, value in enumerate(row)
        if not np.isnan(value)
    )
