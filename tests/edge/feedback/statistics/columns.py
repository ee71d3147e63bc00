"""Cases of random columns."""

import numpy as np

from edge.feedback.statistics.cases import Cases


def cases_of(truth, answers=None, probability=None, patients=None):
    count, nothing = len(truth), np.full(len(truth), np.nan)
    names = [f"c{number}" for number in range(count)]
    people = [f"p{number}" for number in (range(count) if patients is None else patients)]
    return Cases.of(names, people, truth, nothing if answers is None else answers, nothing if probability is None else probability)
