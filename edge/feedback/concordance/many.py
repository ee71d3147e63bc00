"""More than two readers: Fleiss' kappa, and Krippendorff's alpha where readers left cases out."""

from enum import Enum

import numpy as np

from edge.feedback.concordance.kappa import one_minus_ratio
from edge.feedback.concordance.ratings import Ratings
from edge.feedback.statistics.figure import NoFigure, Stated, Why
from edge.inference.statistics import Numbers, Statistic


class Level(str, Enum):
    """What the values mean: names, an order, or numbers with distances."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


def fleiss(ratings: Ratings) -> Stated:
    """Fleiss' kappa (Psychol Bull 1971;76:378): every case has the same number of ratings, by any readers."""
    paired = ratings.paired()
    if (found := paired.obstacle()) is not None:
        return found
    _, given = paired.places()
    readers = given.sum(axis=1)
    if len(paired.values) < len(ratings.values) or (readers != readers[0]).any():
        return NoFigure(Why.GAPS)
    return paired.beyond_chance(fleiss_of(given))


def alpha(ratings: Ratings, level: Level = Level.NOMINAL) -> Stated:
    """Krippendorff's alpha (Content Analysis, 2004, chapter 11) of the cases that two readers or more rated.

    The interval is that of an ordinary bootstrap, which holds better than Krippendorff's (Zapf et al., BMC Med Res Methodol 2016;16:93).
    """
    paired = ratings.paired()
    return paired.obstacle() or paired.beyond_chance(alpha_of(*paired.places(), level))


def fleiss_of(given: Numbers) -> Statistic:
    """Of how many readers gave each value: (cases, values), with the same number of readers in each case."""
    readers = given[0].sum()
    differ = 1 - ((given**2).sum(axis=1) - readers) / (readers * (readers - 1))

    def of(weighted: Numbers) -> Numbers:
        cases = weighted.sum(axis=1)
        shares = weighted @ given / (cases * readers)[:, None]
        return one_minus_ratio(weighted @ differ / cases, 1 - (shares**2).sum(axis=1))

    return of


def alpha_of(scale: Numbers, given: Numbers, level: Level) -> Statistic:
    """Of (values,) and how many readers gave each: (cases, values); each pair of ratings in a case counts 1 / (its readers - 1)."""
    size = len(scale)
    pairs = given[:, :, None] * given[:, None, :] - given[:, :, None] * np.eye(size)
    pairs = (pairs / (given.sum(axis=1) - 1)[:, None, None]).reshape(len(given), -1)

    def of(weighted: Numbers) -> Numbers:
        together = (weighted @ pairs).reshape(-1, size, size)
        each = together.sum(axis=2)
        every = each.sum(axis=1)
        apart = _apart(scale, each, level)
        observed = np.einsum("dij,dij->d", together, apart) / every
        chance = np.einsum("di,dj,dij->d", each, each, apart) / (every * (every - 1))
        return one_minus_ratio(observed, chance)

    return of


def _apart(scale: Numbers, each: Numbers, level: Level) -> Numbers:
    """(draws, values, values) squared distances of values of which there are `each` (draws, values)."""
    if level is Level.NOMINAL:
        return np.broadcast_to(1 - np.eye(len(scale)), (len(each), len(scale), len(scale)))
    places = np.cumsum(each, axis=1) - each / 2 if level is Level.ORDINAL else np.broadcast_to(scale, each.shape)
    return np.asarray((places[:, :, None] - places[:, None, :]) ** 2, np.float64)
