"""Courier: makes the objects of a delivery, sends them to one peer, and asks the peer whether they are safe there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from edge.exchange.peers.outcome import Answer
from edge.records.outbox.delivery import Delivery, NewObject


@dataclass(frozen=True, slots=True)
class Parcel:
    """One object, and the file that holds it."""

    new: NewObject
    path: Path


@dataclass(frozen=True, slots=True)
class Packed:
    """What was made for a delivery, in the order of sending. `missing`: what of the exam could not be made."""

    parcels: tuple[Parcel, ...]
    missing: tuple[NewObject, ...] = ()

    @property
    def objects(self) -> tuple[NewObject, ...]:
        """The manifest."""
        return (*(parcel.new for parcel in self.parcels), *self.missing)


class Courier(Protocol):
    """To one peer. `confirms`: the peer gives storage commitment. `keeps_images`: it receives the recordings, and not only a report."""

    @property
    def confirms(self) -> bool: ...

    @property
    def keeps_images(self) -> bool: ...

    def pack(self, delivery: Delivery, into: Path) -> Packed:
        """Makes the objects in an empty folder; the same delivery always gives the same UIDs.

        Raises:
            SonoEdgeError: they cannot be made.
            OSError: the disk refuses them.
        """
        ...

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[str, Answer]]:
        """The answer on each object by its UID, in the order of sending; objects without an answer are left out."""
        ...

    def ask(self, objects: Sequence[tuple[str, str]]) -> Mapping[str, Answer]:
        """The answer on each object, by its UID, for objects given by SOP class and UID."""
        ...


Couriers = Callable[[str], Courier | None]
"""The courier to a peer by its name; None where the hospital has no such peer."""
