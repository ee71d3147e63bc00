"""Signatures of a publisher's repository: who may sign a role, who has, and how many still have to."""

from collections.abc import Iterable
from pathlib import Path
from typing import cast

from tuf.api.metadata import Root, RootVerificationResult, Snapshot, Targets, Timestamp, VerificationResult

from edge.disk.keys import KeyUnusable
from provisioning.release.keys import KEYS, signer
from provisioning.release.shelf import Shelf, refused

KINDS = {Root.type: Root, Snapshot.type: Snapshot, Timestamp.type: Timestamp}
"""The class of the metadata of a role; Targets for any other."""


def sign(shelf: Shelf, role: str, files: Iterable[Path]) -> int:
    """Signs the newest version of a role with these key files; returns how many signatures it still lacks.

    Raises:
        KeyUnusable: one cannot be read, or is not a key of the role.
        ProvisionRefused, OSError: as for `Shelf`.
    """
    keys = _state(shelf, role)
    metadata = shelf.load(role, kind_of(role))
    for path in files:
        key = signer(path)
        if key.public_key.keyid not in keys.signed | keys.unsigned:
            raise _foreign(path, role)
        metadata.sign(key, append=True)
    shelf.write(role, metadata)
    return lacking(shelf, role)


def require_key(shelf: Shelf, role: str, path: Path) -> None:
    """Refuses a key file that is not one of a top role.

    Raises:
        KeyUnusable: it cannot be read, or is not a key of the role.
        ProvisionRefused, OSError: as for `Shelf`.
    """
    if signer(path).public_key.keyid not in shelf.load(Root.type, Root).signed.roles[role].keyids:
        raise _foreign(path, role)


def lacking(shelf: Shelf, role: str) -> int:
    """How many signatures the newest version of a role still lacks: for a root, of the keys of the previous root too.

    Raises:
        ProvisionRefused, OSError: as for `Shelf`.
    """
    state = _state(shelf, role)
    return max(each.missing for each in ((state.first, state.second) if isinstance(state, RootVerificationResult) else (state,)))


def _state(shelf: Shelf, role: str) -> VerificationResult | RootVerificationResult:
    if role == Root.type:
        root = shelf.load(role, Root)
        previous = shelf.load(role, Root, root.signed.version - 1).signed if root.signed.version > 1 else None
        return root.signed.get_root_verification_result(previous, root.signed_bytes, root.signatures)
    metadata = shelf.load(role, kind_of(role))
    delegator = shelf.load(Root.type, Root).signed if role in KEYS else shelf.load(Targets.type, Targets).signed
    try:
        return delegator.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    except ValueError as error:
        raise refused(f"nobody lets {role} sign ({error})", "Delegate to it first") from error


def _foreign(path: Path, role: str) -> KeyUnusable:
    return KeyUnusable(f"{path} is not a key of {role}", f"Name a key file of {role}")


def kind_of(role: str) -> type[Targets]:
    """The class of the metadata of a role, as if it were that of targets: signing uses only what all have."""
    return cast("type[Targets]", KINDS.get(role, Targets))
