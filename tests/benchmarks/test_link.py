import math
from dataclasses import asdict

from edge.bench.link import measure


def test_the_links_figures_are_made_and_finite():
    figures = asdict(measure(seconds=0.05))
    assert set(figures) == {"decode_mb_s", "crc32_mb_s", "crc32_ratio"}
    assert all(math.isfinite(figure) and figure > 0 for figure in figures.values())
