"""The named release reads, else the active one, else the largest built-in one that is fast enough; an unusable release is reported."""

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.inference import choice
from edge.inference.choice import choose, decide, invoke_ms, resolve
from edge.inference.errors import ModelUnusable
from edge.inference.reader import Reader
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import Shelf, family

NEVER, ALWAYS = 0.0, 1e9


@pytest.fixture
def shelf(tmp_path):
    return Shelf.of(tmp_path)


@pytest.fixture
def releases(candidate, tmp_path):
    """Two of one network; the second is the larger file."""
    return [candidate(tmp_path / "family" / "a", "1.0.0"), candidate(tmp_path / "family" / "b", "2.0.0", pad=500_000)]


def test_the_largest_that_is_fast_enough_is_taken_and_no_other_is_tried(releases):
    decision = choose(releases, 1, ALWAYS)
    assert decision.reader.release.version == "2.0.0"
    assert [each.ident for each in decision.measured] == ["lung-s-2.0.0"]
    assert "most accurate that reads a frame within" in decision.why


def test_where_none_is_fast_enough_the_fastest_is_taken_loudly(releases):
    with capture_logs() as logs:
        decision = choose(releases, 1, NEVER)
    assert [each.ident for each in decision.measured] == ["lung-s-2.0.0", "lung-s-1.0.0"]
    fastest = min(decision.measured, key=lambda each: each.invoke_ms)
    assert decision.reader.release.ident == fastest.ident
    assert "fastest; none" in decision.why
    assert [(log["log_level"], log["took_ms"]) for log in logs] == [("warning", fastest.invoke_ms)]


def test_a_smaller_one_is_taken_where_the_larger_is_too_slow(releases, monkeypatch):
    taken = {"2.0.0": [21.0, 25.0], "1.0.0": [19.0, 30.0]}
    monkeypatch.setattr(choice, "invoke_ms", lambda reader, _: taken[reader.release.version])
    decision = choose(releases, 1, 20.0)
    assert decision.reader.release.version == "1.0.0"
    assert [each.invoke_ms for each in decision.measured] == [21.0, 19.0]


def test_a_damaged_built_in_release_is_passed_over_loudly(releases):
    (releases[1] / "golden.npz").write_bytes(b"")
    with capture_logs() as logs:
        assert choose(releases, 1, ALWAYS).reader.release.version == "1.0.0"
    assert [log["log_level"] for log in logs] == ["error"]
    assert "golden.npz" in logs[0]["problem"]


def test_if_all_built_in_releases_are_unusable_the_error_states_it(tmp_path):
    with pytest.raises(ModelUnusable, match="no built-in model release is usable"):
        choose([tmp_path], 1)


def test_invokes_are_measured_one_by_one(releases):
    taken = invoke_ms(Reader.load(ModelRelease.load(releases[0])), 5)
    assert len(taken) == 5
    assert (np.array(taken) > 0).all()


def test_a_named_release_wins_over_the_active_one(shelf, releases):
    shelf.activate("lung-m")
    assert decide(releases[0], shelf, 1).reader.release.folder == releases[0]
    assert resolve(releases[0], shelf, 1) == releases[0]


def test_a_named_release_that_cannot_be_used_is_refused(shelf, tmp_path):
    with pytest.raises(ModelUnusable, match="cannot be read"):
        decide(tmp_path / "nowhere", shelf, 1)


def test_the_active_one_reads(shelf, releases):
    shelf.install(releases[0], {}, unsigned=True)
    shelf.activate("lung-s-1.0.0")
    decision = decide(None, shelf, 1)
    assert (decision.reader.release.ident, decision.why) == ("lung-s-1.0.0", "it was activated")
    assert resolve(None, shelf, 1) == shelf.find("lung-s-1.0.0")


def test_without_an_active_one_a_built_in_one_reads(shelf):
    decision = decide(None, shelf, 1)
    assert decision.reader.release.folder in family(BUILT_IN)
    assert decision.measured
    assert decision.problem is None
    assert resolve(None, shelf, 1) in family(BUILT_IN)


def test_a_single_built_in_release_is_a_family_of_one(tmp_path, candidate):
    folder = candidate(tmp_path / "only")
    assert decide(None, Shelf(tmp_path / "models", folder), 1).reader.release.folder == folder


@pytest.mark.parametrize("fault", ["pointer", "gone", "damaged", "golden"])
def test_where_the_active_one_cannot_be_used_a_built_in_one_reads_and_an_error_says_so(shelf, releases, seal, fault):
    shelf.install(releases[0], {}, unsigned=True)
    shelf.activate("lung-s-1.0.0")
    folder = shelf.find("lung-s-1.0.0")
    if fault == "pointer":
        (shelf.folder / "active.json").write_text("{")
    elif fault == "gone":
        folder.rename(folder.with_name("lung-s-1.0.1"))
    elif fault == "damaged":
        (folder / "card.html").write_text("another")
    else:
        with np.load(folder / "golden.npz") as table:
            arrays = {name: -array if name.count("/") == 2 else array for name, array in table.items()}
        np.savez(folder / "golden.npz", **arrays)
        seal(folder)
    with capture_logs() as logs:
        decision = decide(None, shelf, 1)
    assert decision.reader.release.folder in family(BUILT_IN)
    assert decision.problem is not None
    (reported,) = [log for log in logs if log["log_level"] == "error"]  # a slow board is warned of besides
    assert reported["event"].startswith("the active model is unusable")
    assert (reported["problem"], reported["fix"]) == (decision.problem.what, decision.problem.fix)
