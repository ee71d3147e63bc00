"""Measured shares on the disk: found again for the very release that measured them, and never a number that is none."""

import json
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from edge.feedback.pleura.clip import ClipShare
from edge.feedback.pleura.measure import MeasuredClip
from edge.feedback.pleura.stored import ShareNotStored, StoredShares
from edge.inference.release import BUILT_IN, ModelRelease

SHARE = ClipShare(34.5, 20.0, 50.0, "", 60, 58, "Philips Lumify", validated=True, simulated=False)


@pytest.fixture(scope="module")
def release():
    return ModelRelease.load(BUILT_IN / "lung-s")


@pytest.fixture
def stored(tmp_path):
    return StoredShares(tmp_path / "shares")


def measured(release, share=SHARE):
    return MeasuredClip("clip-1", share, release.ident, release.sha256, datetime(2026, 11, 30, 9, tzinfo=timezone.utc))


@pytest.mark.parametrize("share", [SHARE, replace(SHARE, share=None, low=None, high=None, code="NO_LUNG")])
def test_what_was_measured_is_found_again(stored, release, share):
    stored.put(measured(release, share))
    assert stored.get("clip-1", release) == measured(release, share)


def test_another_clip_release_or_model_is_not_measured(stored, release):
    stored.put(measured(release))
    assert stored.get("clip-2", release) is None
    assert stored.get("clip-1", replace(release, version="9.9.9")) is None
    assert stored.get("clip-1", replace(release, sha256="0" * 64)) is None


def test_a_newer_share_replaces_the_previous_one(stored, release):
    stored.put(measured(release))
    stored.put(measured(release, replace(SHARE, share=40.0)))
    assert stored.get("clip-1", release).share.share == 40


@pytest.mark.parametrize("change", [{"share": float("nan")}, {"share": float("inf")}, {"share": 101.0}, {"low": -1.0}, {"share": "many"}])
def test_a_file_with_an_impossible_number_counts_as_not_measured(stored, release, tmp_path, change):
    stored.put(measured(release))
    path = tmp_path / "shares" / release.ident / "clip-1.json"
    content = json.loads(path.read_text())
    content["measured"]["share"].update(change)
    path.write_text(json.dumps(content))
    assert stored.get("clip-1", release) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b" " * 5000])
def test_a_damaged_file_counts_as_not_measured(stored, release, tmp_path, content):
    stored.put(measured(release))
    (tmp_path / "shares" / release.ident / "clip-1.json").write_bytes(content)
    assert stored.get("clip-1", release) is None


def test_another_way_to_measure_counts_as_not_measured(stored, release, tmp_path):
    stored.put(measured(release))
    path = tmp_path / "shares" / release.ident / "clip-1.json"
    path.write_text(path.read_text().replace('"method":1', '"method":0'))
    assert stored.get("clip-1", release) is None


def test_a_disk_that_refuses_is_an_error_with_the_next_step(tmp_path, release):
    (tmp_path / "shares").write_text("")
    with pytest.raises(ShareNotStored, match="Free some room"):
        StoredShares(tmp_path / "shares").put(measured(release))
