"""A bit that flips at any position of any file of metadata: the stick is refused, or means exactly the same."""

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.trust.source import ON_STICK, stick
from tests.provisioning.trust.simulator import Device, Publisher, write

CODES = {"E-TAMPER", "E-KEYS", "E-MIX"}
"""E-KEYS: the flip is in the key id of a signature. E-MIX: in the case of a hexadecimal digit of one: still genuine."""
MOST_SAME = {"root": 20, "timestamp": 10}
"""So many flips at most are accepted: those in the case of such a digit, where nothing above states the bytes of the file."""
PLACES = {
    "root": "metadata/2.root.json",
    "timestamp": "metadata/timestamp.json",
    "snapshot": "metadata/1.snapshot.json",
    "targets": "metadata/1.targets.json",
    "models": "metadata/1.models.json",
}


@pytest.fixture(scope="module")
def contents():
    publisher = Publisher(delegated=("models",), keys=1, threshold=1)
    publisher.release("root")
    return publisher.release()


@pytest.mark.parametrize("role", PLACES)
def test_every_byte(role, contents, place, record_property):
    source = stick(write(contents, place / "stick"))
    bootstrap = contents["metadata/1.root.json"]
    honest = Device(place / "honest", bootstrap).refresh(source)
    path, genuine = place / "stick" / ON_STICK / PLACES[role], contents[PLACES[role]]
    codes, same = set(), 0
    for at in range(len(genuine)):
        flipped = bytearray(genuine)
        flipped[at] ^= 1 << at % 8
        path.write_bytes(flipped)
        try:
            verified = Device(place / f"device-{same}", bootstrap).refresh(source)
        except ProvisionRefused as refused:
            codes.add(refused.cause)
        else:
            same += 1
            assert (verified.targets, verified.floors) == (honest.targets, honest.floors), f"the flip at {at} changed the meaning"
    record_property(f"flipped bytes of {role}.json, of which {same} with the same meaning", len(genuine))
    assert "E-TAMPER" in codes <= CODES
    assert same <= MOST_SAME.get(role, 0)
