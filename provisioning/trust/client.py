"""tuf's client, limited and at the device's own time.

tuf 7 takes the time of the system and has no parameter for it; the only way in is `reference_time` of the set of trusted metadata that its
Updater holds. A subclass also has what Updater offers to none: the roles that were verified, and one more role by its name. The tests of
this folder fail if another tuf has none of these.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

from tuf.api.metadata import Delegations, Root, Signed, Snapshot, TargetFile, Targets, Timestamp
from tuf.ngclient import Updater, UpdaterConfig

from provisioning.codes import ProvisionRefused
from provisioning.trust.floors import Seen
from provisioning.trust.source import Source

ISSUED = "x-issued"
"""Field of signed metadata: when the people who hold its keys signed it, in seconds of UTC."""
LIMITS = UpdaterConfig(
    max_root_rotations=1_000,
    root_max_length=200_000,
    timestamp_max_length=16_384,
    snapshot_max_length=500_000,
    targets_max_length=2_000_000,
)
"""Lengths in bytes; they also bound a length that signed metadata states. The roots are all those after the one of the device's image."""
MOST_ROLES = 1_000
MODELS, BOARD, SITE = "models", "boards-", "sites-"
"""The roles just below `targets`; a board's and a site's have its name at the end."""
FOLDERS = {MODELS: "models", BOARD: "app", SITE: "sites"}
"""The folder of targets that each kind of role signs for; in it a board and a site have a folder each."""
VOUCHES = {Timestamp.type: Timestamp.type, Snapshot.type: Timestamp.type}
"""The role whose metadata states the version of another: the snapshot's for all that are not here. Its keys reset the floor."""


@dataclass(frozen=True, slots=True)
class Target:
    """A file that a signed role lists. `length` in bytes, `sha256` in hexadecimal, `custom` as signed, `file` its place in the source."""

    name: str
    length: int
    sha256: str
    custom: dict[str, object]
    role: str
    file: str


class Client(Updater):
    """Reads one source into one stage."""

    def __init__(self, stage: Path, source: Source, bootstrap: bytes) -> None:
        super().__init__(str(stage), source.metadata, fetcher=source.fetcher, config=LIMITS, bootstrap=bootstrap)
        self.reading: tuple[str, bytes | None] = (Root.type, None)
        """The role that was asked of the source last, and what it gave."""

    @property
    def now(self) -> datetime:
        """The time by which metadata expire; to be set before the refresh."""
        return self._trusted_set.reference_time

    @now.setter
    def now(self, time: datetime) -> None:
        self._trusted_set.reference_time = time

    def trusted(self, role: str) -> Signed | None:
        """What was verified of a role, even if it has expired."""
        return cast("Signed | None", self._trusted_set.get(role))

    @property
    def root(self) -> Root:
        return self._trusted_set.root

    def seen(self) -> list[Seen]:
        """The versions of all roles that were verified, and who vouches for them."""
        return [Seen(role, self._vouching(role), signed.version) for role, signed in self._roles()]

    def issued(self) -> int:
        """The latest moment at which the offline keys signed, in seconds of UTC; 0 if they state none.

        A stolen key of another role is not enough to move the time, nor is a moment after the metadata's own end.
        """
        stated = [(signed, signed.unrecognized_fields.get(ISSUED)) for role, signed in self._roles() if role in (Root.type, Targets.type)]
        return max((at for signed, at in stated if isinstance(at, int) and 0 < at < signed.expires.timestamp()), default=0)

    def every_target(self) -> tuple[Target, ...]:
        """Every file that `targets` and the roles just below it list; if two list the same name, that of the first role.

        Raises:
            ProvisionRefused: a role lists a file that it is not allowed to: E-WRONG-SITE or E-KEYS; E-ENDLESS, there are too many roles.
        """
        top = self._load_targets(Targets.type, Root.type)
        found = self._listed(Targets.type, top)
        if top.delegations is None or top.delegations.roles is None:
            return tuple(found.values())
        if len(top.delegations.roles) > MOST_ROLES:
            raise ProvisionRefused("E-ENDLESS", f"targets.json delegates to {len(top.delegations.roles)} roles, more than {MOST_ROLES}")
        for name in top.delegations.roles:
            found = {**self._delegated(name, top.delegations), **found}
        return tuple(found.values())

    def one_target(self, name: str) -> tuple[Target, ...]:
        """The file of this name that the most trusted role lists, as a tuple; an empty one if none lists it."""
        info = self.get_targetinfo(name)
        return () if info is None else (self._target("", info),)

    def _delegated(self, role: str, delegations: Delegations) -> dict[str, Target]:
        targets = self._load_targets(role, Targets.type)
        for name in targets.targets:
            if role not in _allowed(name, delegations):
                cause = "E-WRONG-SITE" if role.startswith(SITE) and name.startswith(f"{FOLDERS[SITE]}/") else "E-KEYS"
                raise ProvisionRefused(cause, f"{role}.json lists {name}, which its keys are not allowed to sign")
        return self._listed(role, targets)

    def _listed(self, role: str, targets: Targets) -> dict[str, Target]:
        return {info.path: self._target(role, info) for info in targets.targets.values()}

    def _target(self, role: str, info: TargetFile) -> Target:
        digest = info.hashes.get("sha256")
        if digest is None:
            raise ProvisionRefused("E-TAMPER", f"{info.path} is listed without its SHA-256")
        folder, slash, name = info.path.rpartition("/")
        file = f"{folder}{slash}{digest}.{name}" if self.root.consistent_snapshot else info.path
        return Target(info.path, info.length, digest, info.custom if isinstance(info.custom, dict) else {}, role, file)

    def _download_metadata(self, rolename: str, length: int, version: int | None = None) -> bytes:
        self.reading = (rolename, None)
        most = getattr(LIMITS, f"{rolename}_max_length", LIMITS.targets_max_length)
        content = super()._download_metadata(rolename, min(length, most), version)
        self.reading = (rolename, content)
        return content

    def _roles(self) -> Iterator[tuple[str, Signed]]:
        snapshot = self.trusted(Snapshot.type)
        listed = [file.removesuffix(".json") for file in snapshot.meta] if isinstance(snapshot, Snapshot) else []
        for role in (Root.type, Timestamp.type, Snapshot.type, *listed):
            if (signed := self.trusted(role)) is not None:
                yield role, signed

    def _vouching(self, role: str) -> str:
        if role == Root.type:
            return ""
        keys = self.root.roles[VOUCHES.get(role, Snapshot.type)].keyids
        return sha256("\n".join(sorted(keys)).encode()).hexdigest()[:16]


def _allowed(name: str, delegations: Delegations) -> Iterator[str]:
    """The roles that are allowed to list a file: those whose paths match, up to the first that ends the search."""
    for role, terminating in delegations.get_roles_for_target(name):
        yield role
        if terminating:
            return
