"""The table of attacks: each changes a stick that is newer than what the device has, and names the code of the refusal.

An attack works with what its thief has: the files of any release, and the keys that were stolen. All others stay the publisher's.
"""

import copy
import json
import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations, product
from pathlib import Path

from securesystemslib.formats import encode_canonical
from tuf.api.metadata import Metadata, MetaFile, TargetFile

from provisioning.trust.client import LIMITS, MOST_ROLES
from provisioning.trust.source import ON_STICK
from tests.provisioning.trust.simulator import LISTED, NOW, PATHS, Publisher, place, seal, state, write

PUBLISHER = Publisher()
OLD, PRESENT, NEW, NEXT = (PUBLISHER.release() for _ in range(4))
"""The stick before, the one that the device has, the one that is attacked, and an honest one after that."""
FOREIGN = Publisher()
FOREIGN_FILES = [FOREIGN.release() for _ in range(3)][-1]
VERSION = 3
DELEGATED = tuple(PATHS)
LISTS = ("targets", *DELEGATED)
ROLES = ("timestamp", "snapshot", *LISTS)
SIGNED_BY_MANY = ("root", "targets")
WHERE = {role: place(role, VERSION) for role in ROLES} | {"root": "metadata/2.root.json"}
ORDER = ("root", "timestamp", "snapshot", "targets", *DELEGATED)


@dataclass(frozen=True)
class Attack:
    name: str
    code: str
    run: object
    arguments: tuple

    def __str__(self):
        return "-".join([self.name, *(str(each).replace("/", ".") for each in self.arguments if isinstance(each, (str, int, float)))])


ATTACKS = []


def attack(code, *cases):
    """Adds an attack, once for each case; `code` is one for all, or depends on the case."""

    def add(run):
        for case in cases or ((),):
            arguments = case if isinstance(case, tuple) else (case,)
            ATTACKS.append(Attack(run.__name__, code(*arguments) if callable(code) else code, run, arguments))
        return run

    return add


class Stick:
    """The attacked stick in its folder `mounted`, and what a thief does with it."""

    def __init__(self, mounted):
        self.mounted = write(NEW, mounted)
        self.now = copy.deepcopy({role: Metadata.from_bytes(NEW[WHERE[role]]).signed for role in ROLES})
        self.now["root"] = Metadata.from_bytes(NEW["metadata/1.root.json"]).signed

    def path(self, role):
        return self.mounted / ON_STICK / WHERE[role]

    def put(self, role, content):
        self.path(role).write_bytes(content)

    def read(self, role):
        return self.path(role).read_bytes()

    def sign(self, role, keys=None):
        """Writes a role as it is now and states it above, signed by its keys or these."""
        content = seal(self.now[role], PUBLISHER.keys[role] if keys is None else keys)
        (self.mounted / ON_STICK / place(role, self.now[role].version)).write_bytes(content)
        state(self.now, role, content)

    def sign_from(self, role, keys=None):
        """The same, and all that stands above it, signed rightly: the thief has those keys too."""
        self.sign(role, keys)
        for each in ("snapshot", "timestamp"):
            if ORDER.index(each) < ORDER.index(role):
                self.sign(each)

    def next_root(self):
        """A new root, signed by the keys of the present one."""
        self.now["root"].version = 2
        self.sign("root")


def sized(at, content):
    """What the device notices first where one file stands in another's place: its length, if that is signed.

    It does not know the keys of a delegated role before it has the targets.
    """
    if at != "timestamp" and len(NEW[WHERE[content]]) > len(NEW[WHERE[at]]):
        return "E-ENDLESS"
    return "E-TAMPER" if content in DELEGATED and at not in DELEGATED else "E-MIX"


# Rollback (T4)


@attack("E-ROLLBACK", "whole", "timestamp")
def old_stick(stick, what):
    if what == "whole":
        write(OLD, stick.mounted)
    stick.put("timestamp", OLD["metadata/timestamp.json"])


@attack("E-ROLLBACK")
def old_snapshot_by_a_stolen_timestamp_key(stick):
    content = OLD["metadata/1.snapshot.json"]
    stick.now["timestamp"].snapshot_meta = MetaFile.from_data(1, content, ["sha256"])
    stick.sign("timestamp")


@attack("E-ROLLBACK", *product(LISTS, (1,)))
def old_list_by_stolen_online_keys(stick, role, version):
    stick.now["snapshot"].meta[f"{role}.json"] = MetaFile.from_data(version, OLD[place(role, version)], ["sha256"])
    stick.sign_from("snapshot")


@attack("E-ROLLBACK")
def root_1_as_root_2(stick):
    stick.put("root", NEW["metadata/1.root.json"])


@attack("E-MIX", *(f"{role}.json" for role in LISTS))
def forgotten_role(stick, name):
    del stick.now["snapshot"].meta[name]
    stick.sign_from("snapshot")


# Freeze and expiry (T5)


@attack("E-FREEZE", *product(("timestamp", "snapshot"), (0, 1, 400, 3000)))
def frozen(stick, role, days):
    stick.now[role].expires = NOW - timedelta(days=days)
    stick.sign_from(role)


@attack("E-EXPIRED", *product(("root", *LISTS), (0, 1, 400, 3000)))
def expired(stick, role, days):
    stick.now[role].expires = NOW - timedelta(days=days)
    if role == "root":
        stick.next_root()
    else:
        stick.sign_from(role)


# Mix and match (T3)


@attack(sized, *permutations(ROLES, 2))
def genuine_file_in_the_place_of_another(stick, at, content):
    stick.put(at, NEW[WHERE[content]])


@attack("E-ENDLESS", *ROLES)
def root_in_the_place_of_another(stick, role):
    stick.put(role, NEW["metadata/1.root.json"] + b" " * LIMITS.timestamp_max_length * (role == "timestamp"))


@attack("E-MIX", "snapshot", *LISTS)
def previous_version_under_the_new_name(stick, role):
    stick.put(role, PRESENT[place(role, 2)])


@attack("E-MIX", *LISTS)
def previous_version_stated_as_new(stick, role):
    content = PRESENT[place(role, 2)]
    stick.put(role, content)
    stick.now["snapshot"].meta[f"{role}.json"] = MetaFile.from_data(VERSION, content, ["sha256"])
    stick.sign_from("snapshot")


@attack("E-MIX")
def root_3_as_root_2(stick):
    stick.now["root"].version = 3
    stick.put("root", seal(stick.now["root"], PUBLISHER.keys["root"]))


@attack(lambda role: "E-KEYS" if role == "timestamp" else "E-TAMPER", *ROLES)
def file_of_another_publisher(stick, role):
    stick.put(role, FOREIGN_FILES[WHERE[role]])


@attack("E-KEYS")
def stick_of_another_publisher(stick):
    write(FOREIGN_FILES, stick.mounted)


# Tampering (T1, T2)


def changed(field, value):
    def change(metadata):
        metadata["signed"][field] = value

    change.__name__ = f"{field} {value}"
    return change


def signature_of_another(metadata):
    metadata["signatures"][0]["sig"] = "00" * 64


def no_hex_signature(metadata):
    metadata["signatures"][0]["sig"] = "no hex"


def doubled_signature(metadata):
    metadata["signatures"].append(metadata["signatures"][0])


def without_signed(metadata):
    del metadata["signed"]


def without_signatures(metadata):
    del metadata["signatures"]


CHANGES = (
    changed("version", 4),
    changed("version", 0),
    changed("version", -1),
    changed("version", 1.5),
    changed("version", "3"),
    changed("version", 10**30),
    changed("version", None),
    changed("expires", "2099-01-01T00:00:00Z"),
    changed("expires", "tomorrow"),
    changed("spec_version", "2.0.0"),
    changed("_type", "mirrors"),
    changed("added", {"a": [1]}),
    signature_of_another,
    no_hex_signature,
    doubled_signature,
    without_signed,
    without_signatures,
)
NOT_METADATA = (b"", b"{}", b"[]", b"null", b"\xff\xfe{}", b"\0" * 400, b"[" * 400, b'{"signed":1e400}', b'{"signed":NaN,"signatures":[]}')


@attack("E-TAMPER", *product(("root", *ROLES), range(len(CHANGES))))
def changed_after_it_was_signed(stick, role, number):
    if role == "root":
        stick.next_root()
    metadata = json.loads(stick.read(role))
    CHANGES[number](metadata)
    if role in SIGNED_BY_MANY and number in (CHANGES.index(signature_of_another), CHANGES.index(no_hex_signature)):
        metadata["signatures"][1]["sig"] = "00" * 64
    content = json.dumps(metadata, separators=(",", ":")).encode()
    stick.put(role, content[: len(NEW[WHERE[role]])] if role not in ("root", "timestamp") else content)


@attack("E-TAMPER", *product(("root", *ROLES), range(len(NOT_METADATA))))
def no_metadata(stick, role, number):
    stick.put(role, NOT_METADATA[number])


@attack("E-TAMPER", *product(("root", *ROLES), (0.1, 0.25, 0.5, 0.75, 0.9, -2, -1)))
def truncated(stick, role, at):
    stick.next_root()
    content = stick.read(role)
    stick.put(role, content[: int(at * len(content)) if at > 0 else at])


@attack("E-TAMPER", "root", "timestamp")
def as_deep_as_the_length_allows(stick, role):
    stick.put(role, b"[" * LIMITS.timestamp_max_length)


# Endless (T8, T9)


@attack("E-ENDLESS", *product(("root", *ROLES), (1, 2**33)))
def endless(stick, role, more):
    stick.next_root()
    most = {"root": LIMITS.root_max_length, "timestamp": LIMITS.timestamp_max_length}
    os.truncate(stick.path(role), most.get(role, len(stick.read(role))) + more)


@attack("E-ENDLESS", "snapshot", *LISTS)
def endless_as_signed(stick, role):
    above = stick.now["timestamp"].snapshot_meta if role == "snapshot" else stick.now["snapshot"].meta[f"{role}.json"]
    above.length, above.hashes = 2**40, None
    os.truncate(stick.path(role), 2**33)
    for each in ("snapshot", "timestamp")[role == "snapshot" :]:
        stick.sign(each)


@attack("E-ENDLESS", "targets", "models")
def a_hundred_thousand_files(stick, role):
    prefix = LISTED.get(role, "x").rsplit("/", 1)[0]
    listed = TargetFile(1, {"sha256": "0" * 64}, "")
    content = json.dumps({"signed": {"targets": {f"{prefix}/{n}": listed.to_dict() for n in range(10**5)}}, "signatures": []}).encode()
    stick.put(role, content)
    stick.now["snapshot"].meta[f"{role}.json"] = MetaFile.from_data(VERSION, content, ["sha256"])
    stick.sign_from("snapshot")


@attack("E-ENDLESS")
def a_hundred_thousand_roles_in_the_snapshot(stick):
    stick.now["snapshot"].meta |= {f"{number}.json": MetaFile(1) for number in range(10**5)}
    stick.sign_from("snapshot")


@attack("E-ENDLESS")
def too_many_delegations(stick):
    for number in range(MOST_ROLES):
        role = copy.copy(stick.now["targets"].delegations.roles["models"])
        role.name = f"sites-{number}"
        stick.now["targets"].delegations.roles[role.name] = role
    stick.sign_from("targets")


# Missing files (T7)


@attack("E-STICK-UNREADABLE", *ROLES)
def missing(stick, role):
    stick.path(role).unlink()


@attack("E-STICK-UNREADABLE", *ROLES)
def name_in_other_case(stick, role):
    stick.path(role).rename(stick.path(role).with_name(stick.path(role).name.upper()))


# Keys (T10 to T12, T16)


def stolen(role):
    """Keys that are not enough for a role."""
    others = [each for each in ORDER if each != role]
    yield "none", []
    yield "unknown", FOREIGN.keys[role]
    yield "all others", [key for other in others for key in PUBLISHER.keys[other]]
    if role in SIGNED_BY_MANY:
        yield from ((f"only key {number}", [key]) for number, key in enumerate(PUBLISHER.keys[role]))


def lacking(role, who, _):
    """A delegated role that the keys of targets signed is genuine, but as targets."""
    return "E-MIX" if role in DELEGATED and who == "all others" else "E-KEYS"


@attack(lacking, *((role, *each) for role in ORDER for each in stolen(role)))
def too_few_keys(stick, role, _, keys):
    stick.now[role].unrecognized_fields["forged"] = 1
    if role == "root":
        stick.now["root"].version = 2
    stick.sign_from(role, keys)


@attack("E-KEYS", "previous only", "new only", "one of each")
def root_with_new_keys_that_lacks_signatures(stick, who):
    thief = copy.copy(PUBLISHER)
    thief.files, thief.now, thief.keys = {}, copy.deepcopy(PUBLISHER.now), dict(PUBLISHER.keys)
    thief.rotate("root")
    new, previous = thief.keys["root"], PUBLISHER.keys["root"]
    keys = {"previous only": previous, "new only": new, "one of each": [previous[0], new[0]]}[who]
    stick.put("root", seal(thief.now["root"], keys))


@attack("E-TAMPER")
def root_that_lists_a_key_twice(stick):
    stick.now["root"].roles["timestamp"].keyids *= 2
    stick.next_root()


@attack("E-MIX")
def snapshot_by_a_stolen_key(stick):
    stick.now["snapshot"].meta["targets.json"].version = VERSION - 1
    stick.sign("snapshot")


@attack("E-MIX")
def targets_by_stolen_keys(stick):
    del stick.now["targets"].delegations.roles["models"]
    stick.now["targets"].expires += timedelta(days=10)
    content = seal(stick.now["targets"], PUBLISHER.keys["targets"])
    stick.put("targets", content + b" " * (len(stick.read("targets")) - len(content)))


OUTSIDE = {"models": ("app/pi5/x", "x", "models/a/b", "sites/kisumu/x"), "boards-pi5": ("app/coral/x", "models/x", "sites/kisumu/x")}


@attack("E-KEYS", *((role, name) for role, names in OUTSIDE.items() for name in names), ("sites-kisumu", "app/pi5/x"))
def file_outside_of_the_paths(stick, role, name):
    stick.now[role].targets[name] = TargetFile.from_data(name, b"x", ["sha256"])
    stick.sign_from(role)


@attack("E-WRONG-SITE", "sites/mombasa/roster.json", "sites/x", "sites/kisumu2/x")
def site_that_signs_for_another(stick, name):
    stick.now["sites-kisumu"].targets[name] = TargetFile.from_data(name, b"x", ["sha256"])
    stick.sign_from("sites-kisumu")


@attack("E-TAMPER", "root", "timestamp", "snapshot", "targets")
def delegation_under_the_name_of_a_top_role(stick, name):
    roles = stick.now["targets"].delegations.roles
    role = copy.copy(roles["models"])
    role.name = name
    roles[name] = role
    stick.sign_from("targets")


@attack("E-TAMPER", "sha512", "md5")
def file_without_sha256(stick, algorithm):
    stick.now["models"].targets["models/x"] = TargetFile.from_data("models/x", b"x", [algorithm])
    stick.sign_from("models")


# Nonsense by the publisher's own keys

NONSENSE = {
    "a number as a role": ("targets", lambda signed: signed["delegations"]["roles"][0].update(name=3)),
    "no role": ("targets", lambda signed: signed["delegations"]["roles"][0].update(name="")),
    "a number as a path": ("targets", lambda signed: signed["delegations"]["roles"][0].update(paths=[3])),
    "keys that nobody has": ("targets", lambda signed: signed["delegations"]["roles"][0].update(keyids=["x"])),
    "a threshold of 0": ("targets", lambda signed: signed["delegations"]["roles"][0].update(threshold=0)),
    "a list as a length": ("models", lambda signed: signed["targets"][LISTED["models"]].update(length=[])),
    "a negative length": ("models", lambda signed: signed["targets"][LISTED["models"]].update(length=-1)),
    "no hash": ("models", lambda signed: signed["targets"][LISTED["models"]].update(hashes={})),
    "no files": ("models", lambda signed: signed.update(targets=None)),
    "version 0": ("models", lambda signed: signed.update(version=0)),
}


@attack(lambda name: "E-KEYS" if "nobody" in name else "E-TAMPER", *NONSENSE)
def signed_nonsense(stick, name):
    role, change = NONSENSE[name]
    signed = json.loads(stick.read(role))["signed"]
    change(signed)
    signatures = [key.sign(encode_canonical(signed).encode()).to_dict() for key in PUBLISHER.keys[role]]
    content = json.dumps({"signatures": signatures, "signed": signed}).encode()
    stick.put(role, content)
    stick.now["snapshot"].meta[f"{role}.json"] = MetaFile.from_data(VERSION, content, ["sha256"])
    stick.sign_from("snapshot")


# What is no file (S10)


@attack("E-TAMPER", *product(("root", *ROLES), ("link", "link out", "dangling link", "loop", "pipe", "folder", "socket")))
def no_plain_file(stick, role, kind):
    path = stick.path(role)
    path.unlink(missing_ok=True)
    if kind == "link":
        path.with_name("genuine").write_bytes(NEW[WHERE[role]] if role != "root" else b"x")
    {
        "link": lambda: path.symlink_to("genuine"),
        "link out": lambda: path.symlink_to("/etc/passwd"),
        "dangling link": lambda: path.symlink_to("nowhere"),
        "loop": lambda: path.symlink_to(path.name),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "socket": lambda: _socket(path),
    }[kind]()


def _socket(path):
    before = Path.cwd()
    os.chdir(path.parent)  # the path of a socket has at most 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


@attack("E-TAMPER")
def folder_of_metadata_is_a_link(stick):
    folder = stick.mounted / ON_STICK / "metadata"
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")
