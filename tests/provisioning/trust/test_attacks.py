"""Each attack of the table is refused by its name, changes nothing that the device had, and the next honest stick is accepted."""

import shutil

import pytest
from tuf.api.metadata import Metadata, Root

from provisioning.codes import ProvisionRefused
from provisioning.trust.source import stick as on
from tests.provisioning.trust.attacks import changed, old, stolen
from tests.provisioning.trust.attacks.table import DELEGATED, NEXT, OLD, PRESENT, PUBLISHER, Stick
from tests.provisioning.trust.simulator import Device

ATTACKS = [*old.attacks, *changed.attacks, *stolen.attacks]


@pytest.fixture(scope="module")
def accepted(tmp_path_factory):
    """A device that accepted the present stick."""
    folder = tmp_path_factory.mktemp("device")
    device = Device(folder / "device", OLD["metadata/1.root.json"])
    device.accepts(OLD, folder / "stick")
    device.accepts(PRESENT, folder / "stick")
    return device


@pytest.fixture
def device(accepted, place):
    shutil.copytree(accepted.folder, place / "device", symlinks=True)
    return Device(place / "device", accepted.bootstrap, accepted.floors)


def assert_no_worse(now, before):
    """What tuf accepted before it met the fault may stay: only files of the publisher that are newer. No floor but the root's moved."""
    for name, content in now.committed.items():
        if content != before.committed[name]:
            role, file = name.removesuffix(".json"), Metadata.from_bytes(content)
            delegator = PUBLISHER.now["targets" if role in DELEGATED else "root"]
            delegator.verify_delegate(role, file.signed_bytes, file.signatures)
            assert file.signed.version > before.version(role)
    assert now.committed.keys() == before.committed.keys()
    assert [each for each in now.floors.seen if each.role != Root.type] == [each for each in before.floors.seen if each.role != Root.type]
    assert now.floors.time == before.floors.time


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_refused(attack, device, accepted, place):
    stick = Stick(place / "stick")
    attack.run(stick, *attack.arguments)
    with pytest.raises(ProvisionRefused) as refused:
        device.refresh(on(stick.mounted))
    assert refused.value.cause == attack.code, str(refused.value)
    assert_no_worse(device, accepted)
    if attack.code != "E-EXPIRED":  # an expired root stays accepted: only a newer one replaces it
        device.accepts(NEXT, place / "stick")
        assert device.version("timestamp") == 4


def test_there_are_enough(record_property):
    record_property("attacks on the trust of updates", len(ATTACKS))
    assert len(ATTACKS) >= 300
    assert len({str(each) for each in ATTACKS}) == len(ATTACKS)
