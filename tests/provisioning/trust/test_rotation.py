"""Keys change while a device is offline, and a thief's highest version numbers do not outlive the keys that he stole."""

import pytest

from provisioning.codes import ProvisionRefused
from tests.provisioning.trust.simulator import PASSED, Device, Publisher

HIGHEST = 2**53


@pytest.mark.parametrize("rotated", [("root",), ("timestamp",), ("snapshot",), ("targets",), ("root", "timestamp", "snapshot", "targets")])
@pytest.mark.parametrize("roots", [1, 5])
def test_a_device_that_missed_roots(roots, rotated, place):
    publisher = Publisher()
    device = Device(place / "device", publisher.release()["metadata/1.root.json"])
    device.accepts(publisher.files, place / "stick")
    for _ in range(roots):
        publisher.rotate(*rotated)
    device.accepts(publisher.release(), place / "stick")
    assert (device.version("root"), device.version("timestamp")) == (roots + 1, 2)


@pytest.mark.parametrize("roots", [255, 300])
def test_a_device_that_missed_very_many_roots(roots, place):
    publisher = Publisher(delegated=(), keys=1, threshold=1)
    device = Device(place / "device", publisher.release()["metadata/1.root.json"])
    for _ in range(roots):
        publisher.rotate("root")
    device.accepts(publisher.files, place / "stick")
    assert device.version("root") == roots + 1


def test_a_gap_in_the_chain_of_roots(place):
    publisher = Publisher()
    device = Device(place / "device", publisher.release()["metadata/1.root.json"])
    device.accepts(publisher.files, place / "stick")
    publisher.rotate("timestamp")
    publisher.rotate("timestamp")
    contents = publisher.release()
    del contents["metadata/2.root.json"]
    with pytest.raises(ProvisionRefused) as refused:
        device.accepts(contents, place / "stick")
    assert (refused.value.cause, device.version("root")) == ("E-KEYS", 1)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "models"])
def test_files_of_keys_that_were_replaced_are_refused(role, place):
    publisher = Publisher()
    stolen = publisher.keys[role]
    device = Device(place / "device", publisher.release()["metadata/1.root.json"])
    if role == "models":
        publisher.keys[role] = publisher.keys["boards-pi5"]
        publisher.now["targets"].revoke_key(stolen[0].public_key.keyid, role)
        publisher.now["targets"].add_key(publisher.keys[role][0].public_key, role)
        publisher.release("targets", "snapshot", "timestamp")
    else:
        publisher.rotate(role)
    device.accepts(publisher.release(), place / "stick")
    publisher.keys[role] = stolen
    with pytest.raises(ProvisionRefused) as refused:
        device.accepts(publisher.release(), place / "stick")
    assert refused.value.cause == "E-KEYS"


def test_a_new_root_stays_accepted_though_the_timestamp_is_refused(place):
    publisher = Publisher()
    device = Device(place / "device", publisher.release()["metadata/1.root.json"])
    device.accepts(publisher.files, place / "stick")
    publisher.rotate("root", "timestamp")
    publisher.now["timestamp"].expires = PASSED
    with pytest.raises(ProvisionRefused) as refused:
        device.accepts(publisher.release(), place / "stick")
    assert (refused.value.cause, device.version("root"), device.version("timestamp")) == ("E-FREEZE", 2, 1)
    assert [each.version for each in device.floors.seen if each.role == "root"] == [2]


FAST_FORWARD = {
    "timestamp": ("timestamp",),
    "snapshot": ("timestamp", "snapshot"),
    "targets": ("snapshot",),
    "models": ("snapshot",),
}
"""Which keys the publisher replaces after a thief raised the version of a role to the highest number (TUF 5.3.11)."""


@pytest.fixture(params=FAST_FORWARD)
def fast_forwarded(request, place):
    """A publisher and a device that accepted the highest version of a role."""
    publisher, role = Publisher(), request.param
    device = Device(place / "device", publisher.release()["metadata/1.root.json"])
    publisher.now[role].version = HIGHEST
    device.accepts(publisher.release(), place / "stick")
    assert device.version(role) == HIGHEST + 1
    publisher.now[role].version = 1
    return publisher, role, device


def test_fast_forward_is_refused_before_the_keys_change(fast_forwarded, place):
    publisher, _, device = fast_forwarded
    with pytest.raises(ProvisionRefused) as refused:
        device.accepts(publisher.release(), place / "stick")
    assert refused.value.cause == "E-ROLLBACK"


@pytest.mark.parametrize("lost", [False, True])
def test_fast_forward_is_recovered_by_new_keys(lost, fast_forwarded, place):
    publisher, role, device = fast_forwarded
    if lost:
        device.folder = place / "new"
    publisher.rotate(*FAST_FORWARD[role])
    device.accepts(publisher.release(), place / "stick")
    assert device.version(role) == 2


def test_floors_of_other_keys_come_back_with_them(place):
    """Keys A, then B, then A again: what was signed by A before is still too old."""
    publisher = Publisher()
    first = publisher.keys["timestamp"]
    device = Device(place / "device", publisher.release()["metadata/1.root.json"])
    for _ in range(3):
        device.accepts(publisher.release(), place / "stick")
    publisher.rotate("timestamp")
    device.accepts(publisher.release(), place / "stick")
    for key in publisher.keys["timestamp"]:
        publisher.now["root"].revoke_key(key.public_key.keyid, "timestamp")
    publisher.keys["timestamp"] = first
    publisher.now["root"].add_key(first[0].public_key, "timestamp")
    publisher.release("root")
    publisher.now["timestamp"].version = 1
    with pytest.raises(ProvisionRefused) as refused:
        device.accepts(publisher.release(), place / "stick")
    assert refused.value.cause == "E-ROLLBACK"


def test_the_image_may_come_with_a_newer_root(place):
    publisher = Publisher()
    publisher.release()
    publisher.rotate("root", "timestamp")
    contents = publisher.release()
    device = Device(place / "device", contents["metadata/2.root.json"])
    device.accepts(contents, place / "stick")
    assert device.version("root") == 2
