"""Clips of a site as a network that sees something, or nothing, would read them."""

import numpy as np
import pytest

from edge.inference.acceptance.judge import JudgedClip
from edge.inference.finding_label import FindingLabel

B_LINES = FindingLabel("b_lines", "B-lines", 1.0, 0.0, 0.45, 0.55)


@pytest.fixture
def label():
    return B_LINES


@pytest.fixture
def site():
    """Clips of one finding: `skill` is the distance between the classes in standard deviations; every patient has `each` clips."""

    def make(with_it=20, without=30, *, each=2, skill=3.0, shift=0.0, seed=1):
        rng = np.random.default_rng(seed)
        clips = []
        for number in range(with_it + without):
            has = number < with_it
            own = rng.normal(0, 0.5)
            for _ in range(each):
                logit = shift + own + rng.normal(0, 0.87) + (skill / 2 if has else -skill / 2)
                clips.append(JudgedClip(f"p{number}", {"b_lines": has}, {"b_lines": logit}))
        return clips

    return make
