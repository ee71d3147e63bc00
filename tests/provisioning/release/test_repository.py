"""What a publisher makes is what a device believes; the device here is the real one."""

import json
import os

import pytest

from edge.disk.keys import KeyUnusable
from provisioning.codes import ProvisionRefused
from provisioning.release.keys import key_files, make_key, signer
from provisioning.release.repository import LARGEST, Repository
from provisioning.release.stick import publish
from provisioning.trust.floors import Floors
from provisioning.trust.source import stick
from provisioning.trust.trust import Trust
from tests.provisioning.release.conftest import DELEGATED, NOW

CUSTOM = {"hardware": "pi5", "counter": 4}


class Device:
    def __init__(self, publisher, floors=None):
        self.publisher, self.floors = publisher, floors or Floors()

    def refresh(self):
        publish(self.publisher.repository, self.publisher.place / "stick")
        trust = Trust(self.publisher.place / "device", self.publisher.bootstrap, self.floors, NOW)
        try:
            return trust.refresh(stick(self.publisher.place / "stick"))
        finally:
            self.floors = trust.floors


@pytest.fixture
def device(publisher):
    return Device(publisher)


def refusal(what):
    return pytest.raises(ProvisionRefused, match=what)


def test_a_new_repository(device):
    verified = device.refresh()
    assert verified.targets == ()
    assert {each.role: each.version for each in verified.floors.seen} == dict.fromkeys(
        ("root", "timestamp", "snapshot", "targets", *DELEGATED), 1
    )


def test_no_repository_is_overwritten(publisher):
    with refusal("holds a repository already"):
        publisher.repository.create(publisher.keys)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("models/lung-1.0.zip", "models"),
        ("app/pi5/app-1.4.2.tar", "boards-pi5"),
        ("sites/kisumu/roster.json", "sites-kisumu"),
        ("README.txt", "targets"),
    ],
)
def test_a_file(name, role, publisher, device):
    assert publisher.repository.add(name, publisher.file, CUSTOM) == role
    publisher.release(role)
    verified = device.refresh()
    assert [(each.name, each.role, each.custom) for each in verified.targets] == [(name, role, CUSTOM)]
    verified.fetch(verified.targets[0], publisher.place / "out")
    assert (publisher.place / "out").read_bytes() == b"content"
    assert publisher.repository.remove(name) == role
    publisher.release(role)
    assert device.refresh().targets == ()


def test_a_file_that_is_not_listed(publisher):
    with refusal("models lists no models/nothing"):
        publisher.repository.remove("models/nothing")


def test_a_version_opens_once_until_it_is_released(publisher):
    for number in range(3):
        publisher.repository.add(f"models/{number}", publisher.file, {})
    assert publisher.repository.shelf.newest("models").name == "2.models.json"
    publisher.release("models")
    publisher.repository.renew("models")
    assert publisher.repository.shelf.newest("models").name == "3.models.json"


def test_two_of_three_sign_one_by_one(publisher, device):
    publisher.repository.renew("targets")
    first, second, third = key_files(publisher.keys, "targets")
    assert publisher.repository.sign("targets") == 2
    assert publisher.repository.sign("targets", first) == 1
    assert publisher.repository.sign("targets", first) == 1
    with refusal("targets lacks 1 signatures"):
        publisher.release()
    assert publisher.repository.sign("targets", third) == 0
    publisher.release()
    device.refresh()
    assert publisher.repository.sign("targets", second) == 0


def test_a_key_of_another_role(publisher):
    publisher.repository.renew("targets")
    with pytest.raises(KeyUnusable, match=r"root-1\.pem is not a key of targets"):
        publisher.repository.sign("targets", publisher.keys / "root-1.pem")


def test_a_release_with_another_key_changes_nothing(publisher):
    before = sorted(publisher.repository.shelf.folder.iterdir())
    for keys, role in ((("root-1", "timestamp-1"), "snapshot"), (("snapshot-1", "root-1"), "timestamp")):
        with pytest.raises(KeyUnusable, match=f"not a key of {role}"):
            publisher.repository.release(*(publisher.keys / f"{key}.pem" for key in keys))
    assert sorted(publisher.repository.shelf.folder.iterdir()) == before


@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp", "models"])
def test_a_key_is_replaced(role, publisher, device):
    device.refresh()
    repository = publisher.repository
    new = make_key(publisher.keys, role, 9)
    old = publisher.keys / f"{role}-1.pem"
    signs = repository.rotate(role, signer(old).public_key.keyid, signer(new).public_key)
    previous = key_files(publisher.keys, signs)
    assert repository.sign(signs, *previous) == 0
    old.unlink()
    if role in ("snapshot", "timestamp"):
        new.rename(old)
    if role == "models":
        repository.add("models/1.0.zip", publisher.file, {})
        publisher.release("models")
    else:
        publisher.release()
    device.refresh()


def test_a_root_with_too_few_signatures_of_the_previous_keys(publisher):
    repository = publisher.repository
    for number in (1, 2):
        old = publisher.keys / f"root-{number}.pem"
        new = make_key(publisher.keys, "root", number + 3)
        repository.rotate("root", signer(old).public_key.keyid, signer(new).public_key)
    assert repository.sign("root", *(publisher.keys / f"root-{number}.pem" for number in (3, 4, 5))) == 1
    assert repository.sign("root", publisher.keys / "root-1.pem") == 0


def test_a_key_that_the_role_does_not_have(publisher):
    with refusal("has no key"):
        publisher.repository.rotate("targets", "00", signer(publisher.keys / "root-1.pem").public_key)


@pytest.mark.parametrize("role", ["", "boards-", "sites-A", "boards-a/b", "models-x", "targets", "app-pi5", "boards-../x"])
def test_a_role_that_cannot_be_delegated(role, publisher):
    with refusal("no role that can be delegated"):
        publisher.repository.delegate(role, signer(publisher.keys / "models-1.pem").public_key)


def test_a_role_that_is_delegated_no_longer(publisher):
    old = signer(publisher.keys / "models-1.pem").public_key.keyid
    publisher.repository.rotate("models", old, signer(publisher.keys / "sites-kisumu-1.pem").public_key)
    with pytest.raises(KeyUnusable, match="not a key of models"):
        publisher.repository.sign("models", publisher.keys / "models-1.pem")


def test_a_role_that_nobody_delegated(publisher):
    shelf = publisher.repository.shelf
    (shelf.folder / "1.sites-x.json").write_bytes(shelf.newest("models").read_bytes())
    with refusal("nobody lets sites-x sign"):
        publisher.repository.sign("sites-x")


def test_a_new_site(publisher, device):
    key = make_key(publisher.keys, "sites-mombasa", 1)
    publisher.repository.delegate("sites-mombasa", signer(key).public_key)
    publisher.repository.add("sites/mombasa/roster.json", publisher.file, {})
    publisher.release("targets", "sites-mombasa")
    assert [each.role for each in device.refresh().for_site("mombasa")] == ["sites-mombasa"]


@pytest.mark.parametrize("name", ["", "/x", "../x", "a//b", "a/", "a/.b", "a b", "a:b", "a\\b", "é"])
def test_a_name_that_a_stick_cannot_hold(name, publisher):
    with refusal("not a plain name"):
        publisher.repository.add(name, publisher.file, {})


def test_a_file_too_large_for_a_stick(publisher):
    os.truncate(publisher.file, LARGEST + 1)
    with refusal("FAT32"):
        publisher.repository.add("models/large", publisher.file, {})


@pytest.mark.parametrize(("role", "year"), [("root", 2031), ("targets", 2028), ("snapshot", 2028), ("models", 2028)])
def test_how_long_it_holds(role, year, publisher):
    signed = json.loads(publisher.repository.shelf.newest(role).read_bytes())["signed"]
    assert signed["expires"].startswith(str(year))
    assert signed["x-issued"] == int(NOW.timestamp())


@pytest.mark.parametrize("role", ["root", "timestamp", "none", None])
def test_a_damaged_repository(role, publisher):
    """Other metadata, or none, where those of targets were."""
    path = publisher.repository.shelf.newest("targets")
    path.write_bytes(publisher.repository.shelf.newest(role).read_bytes() if role in ("root", "timestamp") else b"{}")
    if role is None:
        path.unlink()
    with refusal("targets"):
        publisher.repository.add("README", publisher.file, {})


def test_a_folder_without_a_repository(place):
    with refusal("no metadata of root"):
        Repository(place / "nowhere", NOW).renew("root")
