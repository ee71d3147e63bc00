"""The real clips that the page benchmark shows: each once."""

import pytest

from edge.bench.page.changes import clips


@pytest.mark.parametrize("count", [1, 24, 100_000])
def test_each_clip_is_chosen_once_and_no_more_than_there_are(data_folder, monkeypatch, count):
    monkeypatch.setenv("SONOEDGE_DATA", str(data_folder))
    chosen = clips(count)
    assert len(chosen) == len(set(chosen)) == min(count, 285)
