import pytest

from edge.bench.recording import measure

pytestmark = pytest.mark.slow


def test_a_second_of_recording_loses_no_frame():
    figures = measure(seconds=1.0)
    assert (figures.frames, figures.frames_lost) == (30, 0)
    assert figures.core_percent > 0
    assert figures.mb_s > 0.5
