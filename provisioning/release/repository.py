"""A publisher's TUF repository: a folder that the holders of offline keys sign, in any order and on any machine.

    FOLDER/metadata/   VERSION.ROLE.json, and timestamp.json
    FOLDER/targets/    DIRECTORY/SHA256.NAME

A change opens the next version of its role, without signatures; `sign` adds them one by one. `release` states the versions that have enough
of them in the next snapshot, which closes them. A root closes with its last signature.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Key
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, Role, Root, Snapshot, T, TargetFile, Targets, Timestamp

from edge.disk.durable import make_folder, replacing
from provisioning.release.keys import KEYS, THRESHOLD, key_files, signer
from provisioning.release.shelf import Shelf, refused
from provisioning.release.signatures import lacking, require_key, sign
from provisioning.trust.client import BOARD, FOLDERS, MODELS, SITE
from provisioning.trust.source import METADATA, TARGETS

LARGEST = 2**32 - 1
"""FAT32 holds no larger file, in bytes."""
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
ROLES = re.compile(rf"(?P<kind>{MODELS}|{BOARD}|{SITE})(?P<name>(?<=-)[a-z0-9][a-z0-9._-]*)?")


class Repository:
    """The repository in `folder`; what is changed at `now` states so, and holds from then on.

    Raises, from every method:
        ProvisionRefused: E-RELEASE, the repository or the change cannot be used.
        KeyUnusable: a key file cannot be read, or is not a key of the role.
        OSError: the disk refuses it.
    """

    def __init__(self, folder: Path, now: datetime) -> None:
        self.targets, self.shelf = folder / TARGETS, Shelf(folder / METADATA)
        self._now = now

    def create(self, keys: Path, delegated: Iterable[str] = ()) -> None:
        """Makes a new repository, signs it with the keys in the folder `keys` and releases it."""
        if self.shelf.newest(Root.type) is not None:
            raise refused(f"{self.shelf.folder} holds a repository already", "Name another folder")
        root, roles = Root(), list(delegated)
        for role in KEYS:
            root.roles[role] = Role([], THRESHOLD.get(role, 1))
            for path in key_files(keys, role):
                root.add_key(signer(path).public_key, role)
        for folder in (self.targets, self.shelf.folder):
            make_folder(folder)
        self.shelf.open(Root.type, Metadata(root), self._now)
        self.shelf.open(Targets.type, Metadata(Targets(delegations=Delegations({}, {}))), self._now)
        for role in roles:
            self.delegate(role, signer(keys / f"{role}-1.pem").public_key)
        for role in (Root.type, Targets.type, *roles):
            self.sign(role, *key_files(keys, role))
        self.release(keys / "snapshot-1.pem", keys / "timestamp-1.pem")

    def delegate(self, role: str, key: Key) -> None:
        """Lets a key sign for `models`, for a board (`boards-NAME`) or for a site (`sites-NAME`). `targets` has to be signed for it."""
        match = ROLES.fullmatch(role)
        if match is None or (match["kind"] == MODELS) is not (match["name"] is None):
            raise refused(f"{role} is no role that can be delegated", f"Name {MODELS}, {BOARD}NAME or {SITE}NAME")
        kind = match["kind"]
        paths = ["/".join(filter(None, (FOLDERS[kind], match["name"], "*")))]

        def change(targets: Targets) -> None:
            delegations = _delegations(targets)
            delegations.keys[key.keyid] = key
            delegations.roles = {**(delegations.roles or {}), role: DelegatedRole(role, [key.keyid], 1, kind == BOARD, paths)}

        self._change(Targets.type, Targets, change)
        if self.shelf.newest(role) is None:
            self.shelf.open(role, Metadata(Targets()), self._now)

    def add(self, name: str, file: Path, custom: Mapping[str, object]) -> str:
        """Lists a copy of a file under a name, such as `app/pi5/app-1.4.2.tar`; returns the role that has to be signed for it."""
        if not PLAIN.fullmatch(name):
            raise refused(f"{name!r} is not a plain name", "Use letters, digits, '.', '_', '-', and '/' between folders")
        if (size := file.stat().st_size) > LARGEST:
            raise refused(f"{file} has {size} bytes, and FAT32 holds no file above {LARGEST}", "Split it")
        target = TargetFile.from_file(name, str(file), ["sha256"])
        target.unrecognized_fields["custom"] = dict(custom)
        place = self.targets / target.get_prefixed_paths()[0]
        make_folder(place.parent)
        with file.open("rb") as content, replacing(place) as copy:
            shutil.copyfileobj(content, copy)
        role = self._role_for(name)
        self._change(role, Targets, lambda targets: targets.targets.update({name: target}))
        return role

    def remove(self, name: str) -> str:
        """Lists a file no longer; returns the role that has to be signed for it."""
        role = self._role_for(name)

        def change(targets: Targets) -> None:
            if targets.targets.pop(name, None) is None:
                raise refused(f"{role} lists no {name}", "Name a file that it lists")

        self._change(role, Targets, change)
        return role

    def renew(self, role: str) -> None:
        """Opens the next version of a role without a change, so that it holds longer."""
        if role == Root.type:
            self._change(role, Root, lambda _: None)
        else:
            self._change(role, Targets, lambda _: None)

    def rotate(self, role: str, old: str, new: Key) -> str:
        """Replaces a key, named by its key id; returns the role that has to be signed for it.

        A root needs enough signatures of the previous keys and of the new ones.
        """

        def change(delegator: Root | Targets) -> None:
            try:
                delegator.revoke_key(old, role)
            except ValueError as error:
                raise refused(f"{role} has no key {old}", "Name the key id of one of its keys") from error
            delegator.add_key(new, role)

        if role in KEYS:
            self._change(Root.type, Root, change)
            return Root.type
        self._change(Targets.type, Targets, change)
        return Targets.type

    def sign(self, role: str, *files: Path) -> int:
        """Signs the newest version of a role with these key files; returns how many signatures it still lacks."""
        return sign(self.shelf, role, files)

    def release(self, snapshot_key: Path, timestamp_key: Path) -> None:
        """States the newest version of each role in a new snapshot and a new timestamp."""
        roles = [Targets.type, *(_delegations(self.shelf.load(Targets.type, Targets).signed).roles or {})]
        for role in (Root.type, *roles):
            if lacks := lacking(self.shelf, role):
                raise refused(f"{role} lacks {lacks} signatures", f"Sign {role} with more keys")
        for role, key in ((Snapshot.type, snapshot_key), (Timestamp.type, timestamp_key)):
            require_key(self.shelf, role, key)
        meta = {f"{role}.json": self.shelf.stated(role) for role in roles}
        self._close(Snapshot.type, Snapshot(meta=meta), snapshot_key)
        self._close(Timestamp.type, Timestamp(snapshot_meta=self.shelf.stated(Snapshot.type)), timestamp_key)

    def _close(self, role: str, signed: T, key: Path) -> None:
        if self.shelf.newest(role) is not None:
            signed.version = self.shelf.load(role, type(signed)).signed.version + 1
        self.shelf.open(role, Metadata(signed), self._now)
        sign(self.shelf, role, [key])

    def _change(self, role: str, kind: type[T], change: Callable[[T], None]) -> None:
        file = self.shelf.load(role, kind)
        if self._is_closed(role, file.signed.version):
            file.signed.version += 1
        change(file.signed)
        self.shelf.open(role, file, self._now)

    def _is_closed(self, role: str, version: int) -> bool:
        if role == Root.type:
            return lacking(self.shelf, role) == 0
        if self.shelf.newest(Snapshot.type) is None:
            return False
        stated = self.shelf.load(Snapshot.type, Snapshot).signed.meta.get(f"{role}.json")
        return stated is not None and stated.version == version

    def _role_for(self, name: str) -> str:
        """The delegated role that is allowed to list a file; `targets` if there is none."""
        delegations = _delegations(self.shelf.load(Targets.type, Targets).signed)
        return next((role for role, _ in delegations.get_roles_for_target(name)), Targets.type)


def _delegations(targets: Targets) -> Delegations:
    if targets.delegations is None:
        raise refused("targets delegates to no role", "Make the repository again")
    return targets.delegations
