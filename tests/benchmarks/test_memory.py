import pytest

from edge.bench.memory import measure
from edge.settings import Settings

pytestmark = pytest.mark.slow


def test_the_memory_of_a_streaming_appliance_is_measured_over_the_time():
    passed = []
    figures = measure(Settings(threads=1), 10.0, passed.append)
    assert 20 < figures.begin_mb < 400
    assert figures.end_mb == pytest.approx(figures.begin_mb, rel=0.5)
    assert passed == sorted(passed)
    assert passed[-1] == pytest.approx(10.0)
