"""Recordings become an exam: each zone by its best clip, and nothing is left out silently."""

from pathlib import Path

from edge.exam.clip import ClipFinding
from edge.exam.manifest import ManifestClip
from edge.exam.protocol.file import load_catalogue
from edge.exam.protocol.protocol import Acquisition
from edge.exam.replay import replay
from edge.records.exams.states import Done
from firmware_bridge.errors import SourceUnreadable

BLUE = load_catalogue().named("blue-6")


def clip(name: str, zone: str) -> ManifestClip:
    return ManifestClip(Path(name), "p1", zone)


def test_the_best_clip_of_a_zone_speaks_and_the_others_are_listed(finding_of) -> None:
    findings = {
        "worse": finding_of(quality=60),
        "best": finding_of(quality=70),
        "equal": finding_of(quality=70),
        "high but not assessable": finding_of(quality=99, reason="TOO_DARK"),
    }
    done = replay(BLUE, [clip(name, "L2") for name in findings], lambda each, _: findings[str(each.path)])
    assert [str(each.clip.path) for each in done.speaking] == ["best"]
    assert [str(each.clip.path) for each in done.others] == ["worse", "equal", "high but not assessable"]
    assert done.exam.zones == {"L2": Done()}
    assert done.summary.zones[1].quality == 70
    assert done.exam.open_zones == ("L1", "L3", "R1", "R2", "R3")


def test_zones_speak_in_the_protocols_order_each_read_under_its_own_limits(finding_of) -> None:
    limits: list[Acquisition] = []

    def read(_: ManifestClip, asked: Acquisition) -> ClipFinding:
        limits.append(asked)
        return finding_of()

    done = replay(BLUE, [clip("r", "R1"), clip("l", "L1")], read)
    assert [each.clip.zone for each in done.speaking] == ["L1", "R1"]
    assert limits == [BLUE.acquisition("R1"), BLUE.acquisition("L1")]


def test_what_cannot_be_read_and_what_is_of_no_zone_is_reported_and_examines_nothing(finding_of) -> None:
    def read(each: ManifestClip, _: Acquisition) -> ClipFinding:
        if each.path == Path("broken"):
            raise SourceUnreadable("broken is empty", "Copy it again")
        return finding_of()

    done = replay(BLUE, [clip("broken", "L1"), clip("odd", "L9"), clip("fine", "L3")], read)
    assert [(each.path.name, error.what) for each, error in done.unread] == [("broken", "broken is empty")]
    assert [each.path.name for each in done.strangers] == ["odd"]
    assert done.exam.zones.keys() == {"L3"}
