"""What a device gets of a source that it believes."""

import errno
import os
from hashlib import sha256

import pytest
from tuf.api.metadata import Delegations, SuccinctRoles

from provisioning.codes import ProvisionRefused
from provisioning.trust import trust as module
from provisioning.trust.floors import Floors
from provisioning.trust.source import ON_STICK, stick
from provisioning.trust.trust import Trust, Verified
from tests.provisioning.trust.simulator import CUSTOM, LISTED, NOW, Device, Publisher, write

PUBLISHER = Publisher()
CONTENTS = PUBLISHER.release()
BOOTSTRAP = CONTENTS["metadata/1.root.json"]
APP = LISTED["boards-pi5"]


@pytest.fixture
def device(place):
    return Device(place / "device", BOOTSTRAP)


@pytest.fixture
def verified(device, place):
    return device.accepts(CONTENTS, place / "stick")


def app(verified):
    return next(target for target in verified.targets if target.name == APP)


def test_targets_come_with_their_signed_facts(verified):
    assert {target.name: target.role for target in verified.targets} == {name: role for role, name in LISTED.items()}
    assert (app(verified).custom, app(verified).length) == (CUSTOM, 1200)


def test_floors_rise_to_what_was_accepted(verified):
    assert {each.role: each.version for each in verified.floors.seen} == dict.fromkeys(PUBLISHER.now, 1)
    assert verified.floors.time == int(NOW.timestamp())


def test_the_same_stick_again_changes_nothing(device, verified, place):
    before = [*device.folder.glob("gen-*")]
    again = device.refresh(stick(place / "stick"))
    assert (again.targets, again.floors, [*device.folder.glob("gen-*")]) == (verified.targets, verified.floors, before)


def test_fetch_copies_the_file(verified, place):
    verified.fetch(app(verified), place / "app.tar")
    assert sha256((place / "app.tar").read_bytes()).hexdigest() == app(verified).sha256
    assert [path.name for path in place.glob("app.tar*")] == ["app.tar"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda content: b"X" + content[1:], "E-TAMPER"),
        (lambda content: content[:-1], "E-TAMPER"),
        (lambda _: b"", "E-TAMPER"),
        (lambda content: content + b"X", "E-ENDLESS"),
        (lambda content: content * 1000, "E-ENDLESS"),
    ],
)
def test_fetch_refuses_another_file(change, code, verified, place):
    path = place / "stick" / ON_STICK / "targets" / app(verified).file
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ProvisionRefused, match=r"app\.tar") as refused:
        verified.fetch(app(verified), place / "out")
    assert refused.value.cause == code
    assert not [*place.glob("out*")]


def test_fetch_refuses_an_absent_file(verified, place):
    (place / "stick" / ON_STICK / "targets" / app(verified).file).unlink()
    with pytest.raises(ProvisionRefused, match=r"app\.tar") as refused:
        verified.fetch(app(verified), place / "out")
    assert refused.value.cause == "E-STICK-UNREADABLE"


def test_a_stick_that_gives_other_data_at_the_second_read_gains_nothing(verified, place, monkeypatch):
    """It is read once: what was hashed is what was written."""
    reads = []
    real = verified.source.fetcher._fetch

    def changing(url):
        reads.append(url)
        return real(url) if len(reads) == 1 else iter([b"evil" * 300])

    monkeypatch.setattr(verified.source.fetcher, "_fetch", changing)
    verified.fetch(app(verified), place / "out")
    assert len(reads) == 1
    assert sha256((place / "out").read_bytes()).hexdigest() == app(verified).sha256


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_fetch_to_a_full_disk(error, verified, place, monkeypatch):
    def full(*_):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(module, "replacing", full)
    with pytest.raises(ProvisionRefused, match="does not fit") as refused:
        verified.fetch(app(verified), place / "out")
    assert refused.value.cause == "E-NO-SPACE"


def test_fetch_to_a_folder_that_is_not_there(verified, place):
    with pytest.raises(FileNotFoundError):
        verified.fetch(app(verified), place / "nowhere" / "out")


def test_files_for_this_board_and_this_site(verified):
    assert [each.name for each in verified.for_board("pi5")] == [APP]
    assert [each.name for each in verified.for_site("kisumu")] == ["sites/kisumu/roster.json"]


@pytest.mark.parametrize(
    ("of", "name", "code"),
    [
        (Verified.for_board, "coral", "E-WRONG-HW"),
        (Verified.for_board, "pi", "E-WRONG-HW"),
        (Verified.for_site, "mombasa", "E-WRONG-SITE"),
    ],
)
def test_a_stick_for_others(of, name, code, verified):
    with pytest.raises(ProvisionRefused, match=f"none for {name}") as refused:
        of(verified, name)
    assert refused.value.cause == code


def test_a_stick_for_no_site_at_all(place):
    publisher = Publisher(delegated=("models",))
    contents = publisher.release()
    assert Device(place / "device", contents["metadata/1.root.json"]).accepts(contents, place / "stick").for_site("kisumu") == ()


@pytest.mark.parametrize("delegations", [None, Delegations({}, None, SuccinctRoles(["a"], 1, 1, "bin"))])
def test_delegations_of_another_kind_are_not_followed(delegations, place):
    publisher = Publisher(delegated=())
    publisher.now["targets"].delegations = delegations
    contents = publisher.release()
    assert Device(place / "device", contents["metadata/1.root.json"]).accepts(contents, place / "stick").targets == ()


@pytest.mark.parametrize(
    "bootstrap", [b"", b"{}", BOOTSTRAP[:-10], CONTENTS["metadata/timestamp.json"], BOOTSTRAP.replace(b'"version":1', b'"version":2')]
)
def test_a_device_whose_own_root_is_damaged(bootstrap, place):
    with pytest.raises(ProvisionRefused, match="root") as refused:
        Device(place / "device", bootstrap).accepts(CONTENTS, place / "stick")
    assert refused.value.cause == "E-NOT-SET-UP"


def test_another_command_at_work(device, place):
    trust = Trust(device.folder, BOOTSTRAP, Floors(), NOW)
    source = stick(write(CONTENTS, place / "stick"))

    def meanwhile(_):
        with pytest.raises(ProvisionRefused) as refused:
            device.refresh(source)
        assert refused.value.cause == "E-BUSY"
        return ()

    assert trust.refresh(source, meanwhile).targets == ()
    assert device.version("targets") == 1


def test_a_list_that_two_roles_may_sign_is_that_of_the_first(place):
    publisher = Publisher()
    publisher.release()
    publisher.now["targets"].targets[APP] = publisher.now["boards-pi5"].targets[APP]
    contents = publisher.release()
    verified = Device(place / "device", contents["metadata/1.root.json"]).accepts(contents, place / "stick")
    assert [each.role for each in verified.targets if each.name == APP] == ["targets"]
