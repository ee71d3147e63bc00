import pytest

from edge.bench.reconnect import measure
from edge.settings import Settings

pytestmark = pytest.mark.slow


def test_the_appliance_survives_two_unplugs_without_a_leak():
    seen = []
    figures = measure(Settings(threads=1), cycles=2, each=seen.append)
    assert seen == [1, 2]
    assert (figures.cycles, figures.crashes, figures.leaked_descriptors) == (2, 0, 0)
    assert 0 < figures.first_reading_s_p50 <= figures.first_reading_s_max
