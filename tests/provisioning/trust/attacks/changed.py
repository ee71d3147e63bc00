"""Attacks without any key: files that are changed, cut, endless, missing, or no files at all."""

import copy
import json
import os
import socket
from itertools import product
from pathlib import Path

from tuf.api.metadata import MetaFile, TargetFile

from provisioning.trust.client import LIMITS, MOST_ROLES
from provisioning.trust.source import ON_STICK
from tests.provisioning.trust.attacks.table import LISTS, NEW, ROLES, SIGNED_BY_MANY, VERSION, WHERE, Attacks
from tests.provisioning.trust.simulator import LISTED

attacks = Attacks()


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


@attacks.add("E-TAMPER", *product(("root", *ROLES), range(len(CHANGES))))
def changed_after_it_was_signed(stick, role, number):
    if role == "root":
        stick.next_root()
    metadata = json.loads(stick.read(role))
    CHANGES[number](metadata)
    if role in SIGNED_BY_MANY and number in (CHANGES.index(signature_of_another), CHANGES.index(no_hex_signature)):
        metadata["signatures"][1]["sig"] = "00" * 64
    content = json.dumps(metadata, separators=(",", ":")).encode()
    stick.put(role, content[: len(NEW[WHERE[role]])] if role not in ("root", "timestamp") else content)


@attacks.add("E-TAMPER", *product(("root", *ROLES), range(len(NOT_METADATA))))
def no_metadata(stick, role, number):
    stick.put(role, NOT_METADATA[number])


@attacks.add("E-TAMPER", *product(("root", *ROLES), (0.1, 0.25, 0.5, 0.75, 0.9, -2, -1)))
def truncated(stick, role, at):
    stick.next_root()
    content = stick.read(role)
    stick.put(role, content[: int(at * len(content)) if at > 0 else at])


@attacks.add("E-TAMPER", "root", "timestamp")
def as_deep_as_the_length_allows(stick, role):
    stick.put(role, b"[" * LIMITS.timestamp_max_length)


# Endless (T8, T9)


@attacks.add("E-ENDLESS", *product(("root", *ROLES), (1, 2**33)))
def endless(stick, role, more):
    stick.next_root()
    most = {"root": LIMITS.root_max_length, "timestamp": LIMITS.timestamp_max_length}
    os.truncate(stick.path(role), most.get(role, len(stick.read(role))) + more)


@attacks.add("E-ENDLESS", "snapshot", *LISTS)
def endless_as_signed(stick, role):
    above = stick.now["timestamp"].snapshot_meta if role == "snapshot" else stick.now["snapshot"].meta[f"{role}.json"]
    above.length, above.hashes = 2**40, None
    os.truncate(stick.path(role), 2**33)
    for each in ("snapshot", "timestamp")[role == "snapshot" :]:
        stick.sign(each)


@attacks.add("E-ENDLESS", "targets", "models")
def a_hundred_thousand_files(stick, role):
    prefix = LISTED.get(role, "x").rsplit("/", 1)[0]
    listed = TargetFile(1, {"sha256": "0" * 64}, "")
    content = json.dumps({"signed": {"targets": {f"{prefix}/{n}": listed.to_dict() for n in range(10**5)}}, "signatures": []}).encode()
    stick.put(role, content)
    stick.now["snapshot"].meta[f"{role}.json"] = MetaFile.from_data(VERSION, content, ["sha256"])
    stick.sign_from("snapshot")


@attacks.add("E-ENDLESS")
def a_hundred_thousand_roles_in_the_snapshot(stick):
    stick.now["snapshot"].meta |= {f"{number}.json": MetaFile(1) for number in range(10**5)}
    stick.sign_from("snapshot")


@attacks.add("E-ENDLESS")
def too_many_delegations(stick):
    for number in range(MOST_ROLES):
        role = copy.copy(stick.now["targets"].delegations.roles["models"])
        role.name = f"sites-{number}"
        stick.now["targets"].delegations.roles[role.name] = role
    stick.sign_from("targets")


# Missing files (T7)


@attacks.add("E-STICK-UNREADABLE", *ROLES)
def missing(stick, role):
    stick.path(role).unlink()


@attacks.add("E-STICK-UNREADABLE", *ROLES)
def name_in_other_case(stick, role):
    stick.path(role).rename(stick.path(role).with_name(stick.path(role).name.upper()))


# What is no file (S10)


@attacks.add("E-TAMPER", *product(("root", *ROLES), ("link", "link out", "dangling link", "loop", "pipe", "folder", "socket")))
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


@attacks.add("E-TAMPER")
def folder_of_metadata_is_a_link(stick):
    folder = stick.mounted / ON_STICK / "metadata"
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")
