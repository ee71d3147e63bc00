"""Damage to the device's own metadata: no older stick is believed because of it, and the next honest one repairs it."""

import shutil
from itertools import product

import pytest

from provisioning.codes import ProvisionRefused
from tests.provisioning.trust.simulator import Device, Publisher

PUBLISHER = Publisher()
OLD, PRESENT, NEW = (PUBLISHER.release() for _ in range(3))
FILES = ("timestamp.json", "snapshot.json", "targets.json", "models.json", "boards-pi5.json", "root.json", "root_history/1.root.json")


def truncated(path):
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])


def emptied(path):
    path.unlink()
    path.touch()


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)


def removed(path):
    path.unlink()


def linked(path):
    path.unlink()
    path.symlink_to("/etc/passwd")


def folder(path):
    path.unlink()
    path.mkdir()


def old(path):
    path.unlink()
    path.write_bytes(OLD[f"metadata/{path.name}" if path.name[0] in "1t" and "targets" not in path.name else f"metadata/1.{path.name}"])


DAMAGES = (truncated, emptied, flipped, removed, linked, folder, old)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory):
    place = tmp_path_factory.mktemp("device")
    device = Device(place / "device", OLD["metadata/1.root.json"])
    device.accepts(OLD, place / "stick")
    device.accepts(PRESENT, place / "stick")
    return device


@pytest.fixture
def device(accepted, place):
    shutil.copytree(accepted.folder, place / "device", symlinks=True)
    return Device(place / "device", accepted.bootstrap, accepted.floors)


def assert_only_newer(device, place):
    floors = device.floors
    with pytest.raises(ProvisionRefused, match="version") as refused:
        device.accepts(OLD, place / "stick")
    assert refused.value.cause == "E-ROLLBACK"
    assert device.floors == floors
    device.accepts(PRESENT, place / "stick")
    assert device.version("timestamp") == 2
    device.accepts(NEW, place / "stick")
    assert device.version("timestamp") == 3


@pytest.mark.parametrize(("name", "damage"), list(product(FILES, DAMAGES)), ids=lambda each: getattr(each, "__name__", each))
def test_one_file(name, damage, device, place):
    damage(next(device.folder.glob("gen-*")) / name)
    assert_only_newer(device, place)


@pytest.mark.parametrize("damage", [truncated, emptied, flipped, removed, linked, old], ids=lambda each: each.__name__)
def test_all_files(damage, device, place):
    for name in FILES:
        damage(next(device.folder.glob("gen-*")) / name)
    assert_only_newer(device, place)


@pytest.mark.parametrize("pattern", ["gen-*", ""])
def test_the_folder_is_lost(pattern, device, place):
    for folder in [*device.folder.glob(pattern)] if pattern else [device.folder]:
        shutil.rmtree(folder)
    assert_only_newer(device, place)


@pytest.mark.parametrize("made", ["stage", "gen-x", "gen-9"])
def test_a_folder_that_a_power_cut_left(made, device, place):
    (device.folder / made / "root_history").mkdir(parents=True)
    (device.folder / made / "timestamp.json").write_bytes(b"half")
    assert_only_newer(device, place)


def test_lost_after_a_root_was_replaced(place):
    """The stick has no new root, so all of it is genuine under the root that the device came with."""
    publisher = Publisher()
    before = publisher.release()
    publisher.rotate("root", "timestamp", "snapshot")
    device = Device(place / "device", before["metadata/1.root.json"])
    device.accepts(publisher.release(), place / "stick")
    shutil.rmtree(device.folder)
    with pytest.raises(ProvisionRefused, match=r"root\.json") as refused:
        device.accepts(before, place / "stick")
    assert refused.value.cause == "E-ROLLBACK"


@pytest.mark.parametrize("missing", ["metadata/1.snapshot.json", "metadata/1.targets.json", "metadata/1.models.json"])
def test_nothing_of_an_older_stick_is_stored_though_it_fails_early(missing, device, place):
    shutil.rmtree(device.folder)
    with pytest.raises(ProvisionRefused) as refused:
        device.accepts({name: content for name, content in OLD.items() if name != missing}, place / "stick")
    assert refused.value.cause == "E-STICK-UNREADABLE"
    assert device.accepted is None
