from dataclasses import asdict

import pytest

from edge.bench.siege import ROUNDS, measure
from edge.settings import Settings

pytestmark = pytest.mark.slow


def test_an_attacked_appliance_is_measured_in_every_round():
    rounds = []
    figures = measure(Settings(threads=1), 22.0, rounds.append)
    assert rounds == list(range(1, ROUNDS + 1))
    assert 0 < figures.fps_quiet < 35
    assert min(value for name, value in asdict(figures).items() if name.startswith("fps_ratio")) > 0
    assert 0 < figures.sign_in_s_max < 60
