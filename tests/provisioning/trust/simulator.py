"""A publisher in memory, over tuf's own metadata and not over our builder, and a device that reads its sticks. For attacks only."""

import json
import shutil
from datetime import datetime, timedelta, timezone
from hashlib import sha256

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, MetaFile, Role, Root, Snapshot, TargetFile, Targets, Timestamp

from provisioning.trust.floors import Floors
from provisioning.trust.generations import files
from provisioning.trust.source import ON_STICK, stick
from provisioning.trust.trust import Trust

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
CUSTOM = {"hardware": "pi5", "counter": 3}
PATHS = {"models": "models/*", "boards-pi5": "app/pi5/*", "sites-kisumu": "sites/kisumu/*"}
LISTED = {"models": "models/lung.zip", "boards-pi5": "app/pi5/app.tar", "sites-kisumu": "sites/kisumu/roster.json"}
TOP = ("root", "timestamp", "snapshot", "targets")
KINDS = {"root": Root, "timestamp": Timestamp, "snapshot": Snapshot}
PASSED = NOW - timedelta(days=1)


class Publisher:
    """`keys` by role, and `files`: everything on its newest stick, by the place below `sonoedge`."""

    def __init__(self, delegated=tuple(PATHS), keys=3, threshold=2):
        counts = {"root": keys, "targets": keys}
        self.keys = {role: [CryptoSigner.generate_ed25519() for _ in range(counts.get(role, 1))] for role in (*TOP, *delegated)}
        self.files = {}
        roles = {role: Role([key.public_key.keyid for key in self.keys[role]], threshold if role in counts else 1) for role in TOP}
        root = Root(1, keys={key.public_key.keyid: key.public_key for role in TOP for key in self.keys[role]}, roles=roles)
        rights = {r: DelegatedRole(r, [self.keys[r][0].public_key.keyid], 1, r.startswith("boards-"), [PATHS[r]]) for r in delegated}
        publics = {self.keys[r][0].public_key.keyid: self.keys[r][0].public_key for r in delegated}
        self.now = {
            "root": root,
            "timestamp": Timestamp(),
            "snapshot": Snapshot(),
            "targets": Targets(delegations=Delegations(publics, rights)),
        }
        self.now |= {role: Targets() for role in delegated}
        for role, signed in self.now.items():
            signed.expires = NOW + timedelta(days=1825 if role == "root" else 400)
            signed.unrecognized_fields["x-issued"] = int(NOW.timestamp())
            signed.version = 0
        self.release("root")

    @property
    def listing(self):
        return [role for role in self.now if isinstance(self.now[role], Targets)]

    def release(self, *roles, by=None):
        """The next version of these roles, or of all but the root, signed by all keys of each or `by` these; returns all files."""
        roles = roles or (*self.listing, "snapshot", "timestamp")
        for role in roles:
            self.now[role].version += 1
            if role in LISTED:
                content = f"{role} {self.now[role].version}".encode() * 100
                target = TargetFile.from_data(LISTED[role], content, ["sha256"])
                target.unrecognized_fields["custom"] = CUSTOM
                self.now[role].targets[LISTED[role]] = target
                self.files["targets/" + target.get_prefixed_paths()[0]] = content
            self.put(role, by=by)
        return dict(self.files)

    def put(self, role, by=None):
        """Writes a role as it is now, and states it in the one above it, which is not written."""
        content = seal(self.now[role], self.keys[role] if by is None else by)
        self.files[place(role, self.now[role].version)] = content
        state(self.now, role, content)

    def rotate(self, *roles):
        """New keys for these roles, in a new root that the previous keys signed too."""
        previous = self.keys["root"]
        for role in roles:
            for key in self.keys[role]:
                self.now["root"].revoke_key(key.public_key.keyid, role)
            self.keys[role] = [CryptoSigner.generate_ed25519() for _ in self.keys[role]]
            for key in self.keys[role]:
                self.now["root"].add_key(key.public_key, role)
        self.release("root", by=[*previous, *(key for key in self.keys["root"] if key not in previous)])


def place(role, version):
    return f"metadata/{role}.json" if role == "timestamp" else f"metadata/{version}.{role}.json"


def seal(signed, keys):
    metadata = Metadata(signed)
    for key in keys:
        metadata.sign(key, append=True)
    return metadata.to_bytes()


def state(now, role, content):
    """States a file in the metadata above its role."""
    meta = MetaFile(now[role].version, len(content), {"sha256": sha256(content).hexdigest()})
    if role == "snapshot":
        now["timestamp"].snapshot_meta = meta
    elif role not in ("root", "timestamp"):
        now["snapshot"].meta[f"{role}.json"] = meta


def write(contents, mounted):
    """A stick with these files; returns its folder."""
    shutil.rmtree(mounted, ignore_errors=True)
    (mounted / ON_STICK / "metadata").mkdir(parents=True)
    for name, content in contents.items():
        path = mounted / ON_STICK / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return mounted


class Device:
    """A device with its folder, its root and its stored floors; `now` is its clock."""

    def __init__(self, folder, bootstrap, floors=None, now=NOW):
        self.folder, self.bootstrap, self.floors, self.now = folder, bootstrap, floors or Floors(), now

    def refresh(self, source):
        trust = Trust(self.folder, self.bootstrap, self.floors, self.now)
        try:
            return trust.refresh(source)
        finally:
            self.floors = Floors.from_json(trust.floors.as_json())

    def accepts(self, contents, mounted):
        return self.refresh(stick(write(contents, mounted)))

    @property
    def accepted(self):
        """The folder of what it accepted."""
        return Trust(self.folder, self.bootstrap, self.floors, self.now).committed

    @property
    def committed(self):
        """The accepted files by their names, without the root."""
        return {name: content for name, content in files(self.accepted).items() if "/" not in name}

    def version(self, role):
        return json.loads((self.accepted / f"{role}.json").read_bytes())["signed"]["version"]
