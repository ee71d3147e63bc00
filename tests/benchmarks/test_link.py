import math
from dataclasses import asdict

import pytest

from edge.bench.link import measure

pytestmark = pytest.mark.slow


def test_the_figures_of_the_links_are_finite():
    figures = asdict(measure(seconds=0.05))
    sonolink, igtl = {"decode_mb_s", "crc32_mb_s", "crc32_ratio"}, {"igtl_decode_mb_s", "crc64_mb_s", "crc64_ratio"}
    assert set(figures) == sonolink | igtl | {"frame_way_ms_p50", "frame_way_ms_p99"}
    assert all(math.isfinite(figure) and figure > 0 for figure in figures.values())
