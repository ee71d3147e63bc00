"""Attacks with stolen keys, and nonsense by the publisher's own."""

import copy
import json
from datetime import timedelta

from securesystemslib.formats import encode_canonical
from tuf.api.metadata import MetaFile, TargetFile

from tests.provisioning.trust.attacks.table import DELEGATED, FOREIGN, ORDER, PUBLISHER, SIGNED_BY_MANY, VERSION, Attacks
from tests.provisioning.trust.simulator import LISTED, seal

attacks = Attacks()


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


@attacks.add(lacking, *((role, *each) for role in ORDER for each in stolen(role)))
def too_few_keys(stick, role, _, keys):
    stick.now[role].unrecognized_fields["forged"] = 1
    if role == "root":
        stick.now["root"].version = 2
    stick.sign_from(role, keys)


@attacks.add("E-KEYS", "previous only", "new only", "one of each")
def root_with_new_keys_that_lacks_signatures(stick, who):
    thief = copy.copy(PUBLISHER)
    thief.files, thief.now, thief.keys = {}, copy.deepcopy(PUBLISHER.now), dict(PUBLISHER.keys)
    thief.rotate("root")
    new, previous = thief.keys["root"], PUBLISHER.keys["root"]
    keys = {"previous only": previous, "new only": new, "one of each": [previous[0], new[0]]}[who]
    stick.put("root", seal(thief.now["root"], keys))


@attacks.add("E-TAMPER")
def root_that_lists_a_key_twice(stick):
    stick.now["root"].roles["timestamp"].keyids *= 2
    stick.next_root()


@attacks.add("E-MIX")
def snapshot_by_a_stolen_key(stick):
    stick.now["snapshot"].meta["targets.json"].version = VERSION - 1
    stick.sign("snapshot")


@attacks.add("E-MIX")
def targets_by_stolen_keys(stick):
    del stick.now["targets"].delegations.roles["models"]
    stick.now["targets"].expires += timedelta(days=10)
    content = seal(stick.now["targets"], PUBLISHER.keys["targets"])
    stick.put("targets", content + b" " * (len(stick.read("targets")) - len(content)))


OUTSIDE = {"models": ("app/pi5/x", "x", "models/a/b", "sites/kisumu/x"), "boards-pi5": ("app/coral/x", "models/x", "sites/kisumu/x")}


@attacks.add("E-KEYS", *((role, name) for role, names in OUTSIDE.items() for name in names), ("sites-kisumu", "app/pi5/x"))
def file_outside_of_the_paths(stick, role, name):
    stick.now[role].targets[name] = TargetFile.from_data(name, b"x", ["sha256"])
    stick.sign_from(role)


@attacks.add("E-KEYS")
def file_behind_a_role_that_ends_the_search(stick):
    """Both roles have the path, but the board's stands first and is the only one that is asked."""
    stick.now["targets"].delegations.roles["sites-kisumu"].paths = ["app/pi5/*"]
    stick.now["sites-kisumu"].targets = {"app/pi5/x": TargetFile.from_data("app/pi5/x", b"x", ["sha256"])}
    stick.sign("sites-kisumu")
    stick.sign_from("targets")


@attacks.add("E-WRONG-SITE", "sites/mombasa/roster.json", "sites/x", "sites/kisumu2/x")
def site_that_signs_for_another(stick, name):
    stick.now["sites-kisumu"].targets[name] = TargetFile.from_data(name, b"x", ["sha256"])
    stick.sign_from("sites-kisumu")


@attacks.add("E-TAMPER", "root", "timestamp", "snapshot", "targets")
def delegation_under_the_name_of_a_top_role(stick, name):
    roles = stick.now["targets"].delegations.roles
    role = copy.copy(roles["models"])
    role.name = name
    roles[name] = role
    stick.sign_from("targets")


@attacks.add("E-TAMPER", "sha512", "md5")
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


@attacks.add(lambda name: "E-KEYS" if "nobody" in name else "E-TAMPER", *NONSENSE)
def signed_nonsense(stick, name):
    role, change = NONSENSE[name]
    signed = json.loads(stick.read(role))["signed"]
    change(signed)
    signatures = [key.sign(encode_canonical(signed).encode()).to_dict() for key in PUBLISHER.keys[role]]
    content = json.dumps({"signatures": signatures, "signed": signed}).encode()
    stick.put(role, content)
    stick.now["snapshot"].meta[f"{role}.json"] = MetaFile.from_data(VERSION, content, ["sha256"])
    stick.sign_from("snapshot")
