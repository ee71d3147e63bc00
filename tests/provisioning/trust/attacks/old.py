"""Attacks with genuine files: older, expired, or in the place of others."""

from datetime import timedelta
from itertools import permutations, product

from tuf.api.metadata import MetaFile

from provisioning.trust.client import LIMITS
from tests.provisioning.trust.attacks.table import (
    DELEGATED,
    FOREIGN_FILES,
    LISTS,
    NEW,
    OLD,
    PRESENT,
    PUBLISHER,
    ROLES,
    VERSION,
    WHERE,
    Attacks,
)
from tests.provisioning.trust.simulator import NOW, place, seal, write

attacks = Attacks()


def sized(at, content):
    """What the device notices first where one file stands in another's place: its length, if that is signed.

    It does not know the keys of a delegated role before it has the targets.
    """
    if at != "timestamp" and len(NEW[WHERE[content]]) > len(NEW[WHERE[at]]):
        return "E-ENDLESS"
    return "E-TAMPER" if content in DELEGATED and at not in DELEGATED else "E-MIX"


# Rollback (T4)


@attacks.add("E-ROLLBACK", "whole", "timestamp")
def old_stick(stick, what):
    if what == "whole":
        write(OLD, stick.mounted)
    stick.put("timestamp", OLD["metadata/timestamp.json"])


@attacks.add("E-ROLLBACK")
def old_snapshot_by_a_stolen_timestamp_key(stick):
    content = OLD["metadata/1.snapshot.json"]
    stick.now["timestamp"].snapshot_meta = MetaFile.from_data(1, content, ["sha256"])
    stick.sign("timestamp")


@attacks.add("E-ROLLBACK", *product(LISTS, (1,)))
def old_list_by_stolen_online_keys(stick, role, version):
    stick.now["snapshot"].meta[f"{role}.json"] = MetaFile.from_data(version, OLD[place(role, version)], ["sha256"])
    stick.sign_from("snapshot")


@attacks.add("E-ROLLBACK")
def root_1_as_root_2(stick):
    stick.put("root", NEW["metadata/1.root.json"])


@attacks.add("E-MIX", *(f"{role}.json" for role in LISTS))
def forgotten_role(stick, name):
    del stick.now["snapshot"].meta[name]
    stick.sign_from("snapshot")


# Freeze and expiry (T5)


@attacks.add("E-FREEZE", *product(("timestamp", "snapshot"), (0, 1, 400, 3000)))
def frozen(stick, role, days):
    stick.now[role].expires = NOW - timedelta(days=days)
    stick.sign_from(role)


@attacks.add("E-EXPIRED", *product(("root", *LISTS), (0, 1, 400, 3000)))
def expired(stick, role, days):
    stick.now[role].expires = NOW - timedelta(days=days)
    if role == "root":
        stick.next_root()
    else:
        stick.sign_from(role)


# Mix and match (T3)


@attacks.add(sized, *permutations(ROLES, 2))
def genuine_file_in_the_place_of_another(stick, at, content):
    stick.put(at, NEW[WHERE[content]])


@attacks.add("E-ENDLESS", *ROLES)
def root_in_the_place_of_another(stick, role):
    stick.put(role, NEW["metadata/1.root.json"] + b" " * LIMITS.timestamp_max_length * (role == "timestamp"))


@attacks.add("E-MIX", "snapshot", *LISTS)
def previous_version_under_the_new_name(stick, role):
    stick.put(role, PRESENT[place(role, 2)])


@attacks.add("E-MIX", *LISTS)
def previous_version_stated_as_new(stick, role):
    content = PRESENT[place(role, 2)]
    stick.put(role, content)
    stick.now["snapshot"].meta[f"{role}.json"] = MetaFile.from_data(VERSION, content, ["sha256"])
    stick.sign_from("snapshot")


@attacks.add("E-MIX")
def root_3_as_root_2(stick):
    stick.now["root"].version = 3
    stick.put("root", seal(stick.now["root"], PUBLISHER.keys["root"]))


@attacks.add(lambda role: "E-KEYS" if role == "timestamp" else "E-TAMPER", *ROLES)
def file_of_another_publisher(stick, role):
    stick.put(role, FOREIGN_FILES[WHERE[role]])


@attacks.add("E-KEYS")
def stick_of_another_publisher(stick):
    write(FOREIGN_FILES, stick.mounted)
