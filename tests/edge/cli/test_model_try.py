"""`sonoedge model bench` prints its figures; their values depend on the machine, so no test compares them."""

import json

import pytest

from edge.cli.model_try import CHECKS, bench, verify
from edge.inference.errors import ModelUnusable
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import Shelf, family


@pytest.fixture(autouse=True)
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_bench_measures_every_release_that_can_be_used(site, candidate, tmp_path, capsys):
    shelf = Shelf.of(site)
    for version in ("1.0.0", "2.0.0"):
        shelf.install(candidate(tmp_path / version, version), {}, unsigned=True)
    (shelf.find("lung-s-2.0.0") / "card.html").write_text("another")
    bench(as_json=True, runs=10)
    figures = json.loads(capsys.readouterr().out)
    assert [each["release"] for each in figures] == ["lung-s-1.0.0", *[ModelRelease.load(each).ident for each in family(BUILT_IN)]]
    for each in figures:
        assert 0 < each["p50_ms"] <= each["p99_ms"]
        assert each["fps"] > 0
    assert figures[0]["model_bytes"] == (shelf.find("lung-s-1.0.0") / "lung-s.tflite").stat().st_size


def test_bench_prints_a_table_of_the_given_releases(capsys):
    bench(["lung-s", str(BUILT_IN / "lung-m")], runs=10)
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["release", "p50", "ms", "p99", "ms", "MB", "frames/s"]
    assert [row.split()[0].rpartition("-")[0] for row in rows] == ["lung-s", "lung-m"]


def test_bench_refuses_an_absent_release():
    with pytest.raises(ModelUnusable, match="Name one of"):
        bench(["nothing"], runs=10)


@pytest.mark.parametrize("release", family(BUILT_IN), ids=lambda folder: folder.name)
def test_verify_prints_each_check_of_a_built_in_release(release, capsys):
    verify(ModelRelease.load(release).ident)
    lines = capsys.readouterr().out.splitlines()
    assert [line[8:22].strip() for line in lines] == list(CHECKS)
    assert all(line.startswith("ok ") for line in lines)
