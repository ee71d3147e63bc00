"""Clocks of boards: in 1970 without a battery, in 2099 after a fault, and on the day on which 32 bits end."""

from datetime import datetime, timedelta, timezone

import pytest

from provisioning.codes import ProvisionRefused
from tests.provisioning.trust.simulator import NOW, Device, Publisher

ISSUED = int(NOW.timestamp())


def at(year, *rest):
    return datetime(year, *(rest or (1, 1)), tzinfo=timezone.utc)


@pytest.fixture
def publisher():
    return Publisher()


@pytest.fixture
def device(publisher, place):
    return Device(place / "device", publisher.release()["metadata/1.root.json"])


@pytest.mark.parametrize("now", [at(1970), at(1970, 1, 2), at(2000), at(2026, 11, 29), NOW, NOW + timedelta(days=399)])
def test_a_clock_behind_counts_as_the_latest_signed_time(now, publisher, device, place):
    device.now = now
    device.accepts(publisher.files, place / "stick")
    assert device.floors.time == ISSUED


@pytest.mark.parametrize("now", [at(2037), at(2038, 1, 19), at(2039), at(2099), at(9999)])
@pytest.mark.parametrize("accepted_before", [False, True])
def test_a_clock_far_ahead_is_named(accepted_before, now, publisher, device, place):
    if accepted_before:
        device.accepts(publisher.files, place / "stick")
    before = device.committed
    device.now = now
    with pytest.raises(ProvisionRefused, match=str(now.year)) as refused:
        device.accepts(publisher.release(), place / "stick")
    assert refused.value.cause == "E-CLOCK"
    assert (device.floors.time, device.committed) == (ISSUED, before)


@pytest.mark.parametrize(("days", "code"), [(400, "E-FREEZE"), (1824, "E-FREEZE"), (1825, "E-EXPIRED"), (3652, "E-EXPIRED")])
def test_an_old_stick(days, code, publisher, device, place):
    device.now = NOW + timedelta(days=days)
    with pytest.raises(ProvisionRefused) as refused:
        device.accepts(publisher.files, place / "stick")
    assert refused.value.cause == code


def test_a_clock_that_was_in_2099_locks_nothing_out(publisher, device, place):
    device.now = at(2099)
    with pytest.raises(ProvisionRefused):
        device.accepts(publisher.files, place / "stick")
    device.now = NOW
    device.accepts(publisher.files, place / "stick")


def test_a_clock_that_goes_back_does_not_unfreeze_an_old_stick(publisher, device, place):
    old = publisher.release()
    for role in publisher.listing:
        publisher.now[role].unrecognized_fields["x-issued"] = int((NOW + timedelta(days=500)).timestamp())
        publisher.now[role].expires = NOW + timedelta(days=900)
    for role in ("snapshot", "timestamp"):
        publisher.now[role].expires = NOW + timedelta(days=900)
    device.now = NOW + timedelta(days=500)
    device.accepts(publisher.release(), place / "stick")
    device.folder, device.floors, device.now = place / "lost", type(device.floors)(time=device.floors.time), at(1970)
    with pytest.raises(ProvisionRefused) as refused:
        device.accepts(old, place / "stick")
    assert refused.value.cause == "E-FREEZE"


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "models"])
def test_one_stolen_key_does_not_move_the_time(role, publisher, device, place):
    publisher.now[role].unrecognized_fields["x-issued"] = int((NOW + timedelta(days=399)).timestamp())
    device.accepts(publisher.release(), place / "stick")
    assert device.floors.time == ISSUED


@pytest.mark.parametrize("stated", [10**20, -1, "2099", None, 1.5, [], True, int((NOW + timedelta(days=401)).timestamp())])
def test_no_moment_at_which_it_could_have_been_signed(stated, publisher, device, place):
    publisher.now["targets"].unrecognized_fields["x-issued"] = stated
    if isinstance(stated, float):
        publisher.now["targets"].unrecognized_fields["x-issued"] = {"a": 1}  # canonical JSON has no fractions
    device.accepts(publisher.release(), place / "stick")
    assert device.floors.time == ISSUED


@pytest.mark.parametrize("days", [1, 100, 399])
def test_the_time_rises_with_what_was_signed(days, publisher, device, place):
    signed = NOW + timedelta(days=days)
    publisher.now["targets"].unrecognized_fields["x-issued"] = int(signed.timestamp())
    device.accepts(publisher.release(), place / "stick")
    assert device.floors.time == int(signed.timestamp())
