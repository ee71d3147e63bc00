"""What is there for an export: the sticks with what is on them, and the receivers whose keys are on a stick or in the data folder."""

from dataclasses import dataclass
from datetime import datetime

from edge.disk.keys import KeyUnusable
from edge.disk.layout import DataFolder
from edge.disk.sticks import FoundStick, sticks
from edge.exchange.stick.keyring import OfferedKeys, offered_on, remembered
from edge.exchange.stick.receiver import Receiver
from edge.exchange.stick.reviews import PATTERN
from firmware_bridge.errors import SonoEdgeError


@dataclass(frozen=True, slots=True)
class PresentStick:
    """A stick; `keys` is None where it cannot be read. `review_files` are the files of reviews on it."""

    disk: FoundStick
    keys: OfferedKeys | None
    review_files: int


@dataclass(frozen=True, slots=True)
class KnownReceiver:
    """A receiver. `remembered`: this board wrote exams for it before; the key of any other is on a stick only.

    `problem` is why nothing can be written for it now.
    """

    receiver: Receiver
    remembered: bool
    problem: SonoEdgeError | None


@dataclass(frozen=True, slots=True)
class Present:
    """What is there now, the remembered receivers first."""

    sticks: tuple[PresentStick, ...]
    receivers: tuple[KnownReceiver, ...]


def present(data: DataFolder, now: datetime) -> Present:
    """Looks at every stick. A remembered receiver stays the one that is remembered, whatever a stick holds under its fingerprint."""
    there = tuple(_with_content(each) for each in sticks(data.root))
    mine = tuple(remembered(data.receivers))
    known = {each.fingerprint for each in mine}
    offered = {each.fingerprint: each for stick in there if stick.keys for each in stick.keys.receivers}
    others = (each for fingerprint, each in offered.items() if fingerprint not in known)
    receivers = (*(_judged(each, True, now) for each in mine), *(_judged(each, False, now) for each in others))
    return Present(there, receivers)


def _with_content(disk: FoundStick) -> PresentStick:
    try:
        return PresentStick(disk, offered_on(disk.folder), sum(1 for _ in disk.folder.glob(PATTERN)))
    except OSError:
        return PresentStick(disk, None, 0)


def _judged(receiver: Receiver, remembered: bool, now: datetime) -> KnownReceiver:
    problem: SonoEdgeError | None = None
    try:
        receiver.require_valid(now)
    except KeyUnusable as error:
        problem = error
    return KnownReceiver(receiver, remembered, problem)
