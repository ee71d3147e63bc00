"""While an exam is open, another release begins to read: no clip mixes the readings of two."""

from edge.inference.release import BUILT_IN, ModelRelease
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from firmware_bridge.virtual_probe.chest import Chest

CHEST = Chest(2, size=200)
ENOUGH = 35
"""Frames at ten a second: more than BLUE-6's three seconds."""


def test_a_clip_never_mixes_two_releases_and_the_zone_that_begins_again_says_so(desk_of, scan, eventually):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 20)
    assert desk.status.live.held_s > 1
    scan.release = ModelRelease.load(BUILT_IN / "lung-s")
    scan.show(desk, CHEST, 1)
    assert desk.status.live.held_s == 0
    assert (desk.status.live.problem.code, scan.release.ident in desk.status.live.problem.what) == ("zone-taken-again", True)
    scan.show(desk, CHEST, 20)
    assert desk.status.exam.done == 0, "frames of the release before were counted"
    scan.show(desk, CHEST, ENOUGH - 20)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.live.problem is None


def test_what_is_kept_by_hand_is_of_the_release_that_reads_now(desk_of, scan):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 20)
    scan.release = ModelRelease.load(BUILT_IN / "lung-s")
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    assert desk._stored.records.clips(desk.status.record.id)[0].assessment.frames == 5
