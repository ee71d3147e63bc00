"""A publisher whose site signs policies, and a board that takes them from a stick."""

import shutil
from ipaddress import IPv4Network

import pytest
from tuf.api.metadata import TargetFile, Targets

from provisioning.boot import history
from provisioning.boot.files import RealFiles
from provisioning.boot.place import Place
from provisioning.boot.selector import Selector
from provisioning.codes import ProvisionRefused
from provisioning.release.stick import publish
from provisioning.site.firewall import DROP_IN, SERVICE
from provisioning.site.policy import NAME, Policy, policy_of
from provisioning.site.site import join, leave
from provisioning.trust.source import stick
from provisioning.update.events import stating
from provisioning.update.offers import verified
from tests.provisioning.release.conftest import NOW, place, publisher  # noqa: F401 - fixtures of these tests too

SITE, OTHER = "kisumu", "lodwar"
ROLE = f"sites-{SITE}"


def networks(*texts):
    return tuple(map(IPv4Network, texts))


def networks_in(units):
    """The networks that the drop-in in this folder of units allows; None where there is no drop-in."""
    drop_in = units / DROP_IN
    if not drop_in.exists():
        return None
    lines = [line for line in drop_in.read_text().splitlines() if line.startswith("IPAddressAllow=")]
    return networks(*(line.partition("=")[2] for line in lines))


def flip(at):
    """Changes one bit of a file."""

    def change(path):
        content = bytearray(path.read_bytes())
        content[at] ^= 1
        path.write_bytes(content)

    return change


def link(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


CHANGED = {
    "its first byte": (flip(0), "E-TAMPER"),
    "a byte in it": (flip(40), "E-TAMPER"),
    "its last byte": (flip(-1), "E-TAMPER"),
    "shorter": (lambda path: path.write_bytes(path.read_bytes()[:-1]), "E-TAMPER"),
    "longer": (lambda path: path.write_bytes(path.read_bytes() + b" "), "E-ENDLESS"),
    "a link": (link, "E-TAMPER"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "E-TAMPER"),
    "absent": (lambda path: path.unlink(), "E-STICK-UNREADABLE"),
}
"""What a stick can do to a file that was signed, and the code of the refusal."""


class Bench:
    """A board that trusts the publisher, and the stick of the publisher, which this test writes."""

    def __init__(self, publisher):  # noqa: F811 - the fixture
        self.publisher, self.stick = publisher, publisher.place / "stick"
        self.place, self.units = Place(publisher.place / "board"), publisher.place / "units"
        self.place.trust.mkdir(parents=True)
        self.place.trusted_root.write_bytes(publisher.bootstrap)
        self.units.mkdir()
        (self.units / SERVICE).write_text("[Service]\nIPAddressDeny=any\n")

    # the publisher

    def list(self, content, site=SITE):
        """Lists a file as the policy of a site, without a signature."""
        self.publisher.file.write_bytes(content)
        self.publisher.repository.add(f"sites/{site}/{NAME}", self.publisher.file, {})

    def publish(self, *networks, site=SITE, states=""):
        """Writes a stick with the signed policy of a site; `states` is another site that it names."""
        policy = Policy(site=states or site, issued_at=NOW, networks=networks)
        self.list(policy.model_dump_json().encode(), site)
        self.sign(ROLE if site == SITE else "targets")
        return policy

    def sign(self, *roles):
        self.publisher.release(*roles)
        publish(self.publisher.repository, self.stick)

    def list_for_another_site(self):
        """The key of the site signs a policy of another one, whose file is on the stick."""
        repository = self.publisher.repository
        files = repository.targets / "sites"
        shutil.copytree(files / SITE, files / OTHER)
        file = repository.shelf.load(ROLE, Targets)
        name = f"sites/{OTHER}/{NAME}"
        file.signed.version += 1
        file.signed.targets[name] = TargetFile.from_file(name, str(next((files / OTHER).iterdir())), ["sha256"])
        repository.shelf.open(ROLE, file, NOW)
        self.sign(ROLE)

    @property
    def file(self):
        """The newest policy on the stick."""
        return max(self.stick.glob(f"sonoedge/targets/sites/*/*.{NAME}"), key=lambda path: path.stat().st_mtime_ns)

    def keep_stick(self):
        """A copy of the stick as it is now."""
        return shutil.copytree(self.stick, self.stick.with_name("old"))

    # the board

    @property
    def selector(self):
        """A new one each time, as in a new process."""
        return Selector(RealFiles(), self.place, NOW.isoformat)

    def join(self, site="", folder=None):
        """As the command does it: a failure is an event, too."""
        with stating(self.selector):
            return join(self.selector, verified(self.selector, stick(folder or self.stick), NOW), site, self.units)

    def leave(self):
        with stating(self.selector):
            return leave(self.selector, self.units)

    @property
    def state(self):
        """What is in force: the bytes of the stored policy, and the networks that systemd lets through."""
        return self.place.site.read_bytes() if self.place.site.is_file() else None, self.networks

    @property
    def networks(self):
        return networks_in(self.units)

    def copied(self):
        """Copies the board; the function that is returned restores it."""
        kept = {folder: folder.with_name(f"{folder.name}-before") for folder in (self.place.root, self.units)}
        for folder, copy in kept.items():
            shutil.copytree(folder, copy)

        def restore():
            for folder, copy in kept.items():
                shutil.rmtree(folder)
                shutil.copytree(copy, folder)

        return restore

    @property
    def policy(self):
        return policy_of(self.place)

    @property
    def codes(self):
        return [event.code for event in history.events(RealFiles(), self.place)]

    def refused(self, *arguments, act=None, **more):
        """The refusal of an act that changes nothing that is in force, and that the history has as its last event."""
        before, known = self.state, self.codes
        with pytest.raises(ProvisionRefused) as refused:
            (act or self.join)(*arguments, **more)
        assert self.state == before
        (*old, event) = history.events(RealFiles(), self.place)
        assert [each.code for each in old] == known
        assert (event.code, event.what) == (refused.value.cause, refused.value.what)
        return refused.value


@pytest.fixture
def bench(publisher):  # noqa: F811
    return Bench(publisher)
