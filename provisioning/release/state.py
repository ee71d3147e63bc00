"""What a publisher has to do next: each role, its newest version, until when it holds, and the signatures that it lacks."""

from dataclasses import dataclass
from datetime import datetime

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from provisioning.release.shelf import Shelf
from provisioning.release.signatures import kind_of, lacking


@dataclass(frozen=True, slots=True)
class RoleState:
    """`expires` has a time zone; `lacks` counts signatures."""

    role: str
    version: int
    lacks: int
    expires: datetime


def states(shelf: Shelf) -> tuple[RoleState, ...]:
    """Those of a repository, the top roles first.

    Raises:
        ProvisionRefused, OSError: as for `Shelf`.
    """
    delegations = shelf.load(Targets.type, Targets).signed.delegations
    delegated = sorted((delegations.roles if delegations is not None else None) or {})
    return tuple(_state(shelf, role) for role in (Root.type, Targets.type, *delegated, Snapshot.type, Timestamp.type))


def _state(shelf: Shelf, role: str) -> RoleState:
    signed = shelf.load(role, kind_of(role)).signed
    return RoleState(role, signed.version, lacking(shelf, role), signed.expires)
