"""The stick with releases is found by what it holds."""

from pathlib import Path

import pytest

from provisioning import sticks
from provisioning.codes import ProvisionRefused
from provisioning.sticks import mounted, the_stick

MOUNTS = r"""/dev/mmcblk0p2 / ext4 rw,noatime 0 0
proc /proc proc rw 0 0
/dev/sda1 /media/ana/SONO\040EDGE vfat ro,nosuid 0 0
/dev/sdb1 /mnt/stick exfat rw 0 0
/dev/sdc1 /run/media/ana/x vfat rw 0 0
/dev/sdd1 /mnt ext4 rw 0 0
/dev/sde1 /media-of-others/x vfat rw 0 0
tmpfs /run/media2 tmpfs rw 0 0

damaged
"""


def test_where_sticks_are_mounted():
    assert mounted(MOUNTS) == [Path("/media/ana/SONO EDGE"), Path("/mnt/stick"), Path("/run/media/ana/x"), Path("/mnt")]


@pytest.fixture
def points(tmp_path):
    """Three mounted sticks, none of which holds releases."""
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    return [tmp_path / name for name in ("a", "b", "c")]


def with_releases(point):
    (point / "sonoedge/metadata").mkdir(parents=True)


def refusal(found):
    with pytest.raises(ProvisionRefused) as refused:
        the_stick(found)
    assert refused.value.cause == "E-NO-STICK"
    return str(refused.value)


def test_the_one_that_holds_releases(points):
    with_releases(points[1])
    (points[0] / "sonoedge").mkdir()
    (points[2] / "sonoedge").mkdir()
    (points[2] / "sonoedge/metadata").write_bytes(b"")
    assert the_stick(points) == points[1]


def test_one_that_is_listed_twice(points):
    with_releases(points[0])
    assert the_stick([*points, points[0]]) == points[0]


def test_two_that_hold_releases_are_both_named(points):
    for point in points[:2]:
        with_releases(point)
    stated = refusal(points)
    assert f"{points[0]}, {points[1]}" in stated
    assert str(points[2]) not in stated
    assert "Name the folder of one of them" in stated


def test_none(points):
    assert "no mounted stick holds releases" in refusal(points)
    assert "Insert the stick" in refusal([])


def test_what_the_kernel_states_is_asked(points, tmp_path, monkeypatch):
    with_releases(points[1])
    monkeypatch.setattr(sticks, "MOUNTS", tmp_path / "mounts")
    monkeypatch.setattr(sticks, "PLACES", f"{tmp_path}/")
    (tmp_path / "mounts").write_text("".join(f"/dev/sd{point.name}1 {point} vfat rw 0 0\n" for point in points))
    assert the_stick() == points[1]
