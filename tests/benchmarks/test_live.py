import pytest

from edge.bench.live import measure
from edge.settings import Settings

pytestmark = pytest.mark.slow


def test_each_frame_is_built_once_and_sent_to_each_of_one_and_of_eight_watchers():
    figures = measure(Settings(threads=1), seconds=6.0)
    assert (figures.builds_per_frame_1, figures.builds_per_frame_8) == pytest.approx((1, 1), abs=0.2)
    assert figures.sends_per_frame_1 == 1
    assert 1 < figures.sends_per_frame_8 <= 8
    assert min(figures.loop_ms_1, figures.loop_ms_8, figures.loop_ratio) > 0
