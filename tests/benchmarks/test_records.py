import math

import pytest

from edge.bench.records import TARGETS, measure

pytestmark = pytest.mark.slow


def test_the_figures_of_the_records_come_from_the_lists_and_writes_of_the_api():
    progress = []
    figures = measure(findings=360, progress=progress.append, entries=3000)
    assert all(math.isfinite(getattr(figures, name)) and getattr(figures, name) > 0 for name in TARGETS)
    assert progress[-1] > 0.9
    assert figures.lossless_bytes["jpeg-ls"] < figures.lossless_bytes["zstd"] < figures.lossless_bytes["lz4"]
