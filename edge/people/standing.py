"""Whether an operator is qualified under a protocol: computed from their credentials and counted exams, and never stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from edge.people.policy import Thresholds
from edge.records.people.credentials import Counted, Event


class Kind(str, Enum):
    """Kinds of entries in the ledger of credentials. Supervised exams are counted from reviews; nobody enters them."""

    COURSE = "course"
    ASSESSMENT = "assessment"
    SIGN_OFF = "sign-off"
    SUSPENDED = "suspended"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Standing:
    """`missing` states in sentences why an operator is not qualified; `expires_at` is when the qualification ends if nothing changes.

    `counted` exams of `needed` were reviewed by another person and were good enough.
    """

    qualified: bool
    missing: tuple[str, ...]
    expires_at: datetime | None
    counted: int
    needed: int


def standing(events: Sequence[Event], counted: Counted, wanted: Thresholds, now: datetime) -> Standing:
    """The standing of one operator under one protocol. `now` never goes back; `events` are those of this protocol, oldest first."""
    missing = tuple(_missing(events, counted, wanted, now))
    expires = min(_ends(events, counted, wanted), default=None)
    return Standing(not missing, missing, expires, counted.exams, wanted.supervised_exams)


def _missing(events: Sequence[Event], counted: Counted, wanted: Thresholds, now: datetime) -> Iterator[str]:
    stopped = _last(events, Kind.SUSPENDED, Kind.RESTORED)
    if stopped is not None and stopped.kind == Kind.SUSPENDED.value:
        yield f"Suspended by {stopped.by} since {stopped.at:%Y-%m-%d}"
    if wanted.course:
        yield from _lacking(_last(events, Kind.COURSE), "course", now)
    if counted.exams < wanted.supervised_exams:
        yield f"{counted.exams} of {wanted.supervised_exams} supervised exams are reviewed and good enough"
    if wanted.assessment:
        yield from _unassessed(_last(events, Kind.ASSESSMENT), wanted.assessment_least)
    signed = _last(events, Kind.SIGN_OFF)
    yield from _lacking(signed, "supervisor's sign-off", now)
    if signed is not None and _active_until(events, counted, wanted) <= now:
        yield f"No exam for {wanted.inactive_days} days"


def _lacking(event: Event | None, what: str, now: datetime) -> Iterator[str]:
    if event is None:
        yield f"No {what}"
    elif event.valid_from is not None and now < event.valid_from:
        yield f"The {what} is valid from {event.valid_from:%Y-%m-%d}"
    elif event.valid_to is not None and event.valid_to <= now:
        yield f"The {what} expired on {event.valid_to:%Y-%m-%d}"


def _unassessed(event: Event | None, least: int | None) -> Iterator[str]:
    if event is None or event.score is None:
        yield "No assessment"
    elif least is not None and event.score < least:
        yield f"The assessment has {event.score} points; {least} are needed"


def _ends(events: Sequence[Event], counted: Counted, wanted: Thresholds) -> Iterator[datetime]:
    course = _last(events, Kind.COURSE) if wanted.course else None
    signed = _last(events, Kind.SIGN_OFF)
    yield from (event.valid_to for event in (course, signed) if event is not None and event.valid_to is not None)
    if signed is not None:
        yield _active_until(events, counted, wanted)


def _active_until(events: Sequence[Event], counted: Counted, wanted: Thresholds) -> datetime:
    """A sign-off and the end of a suspension restart the period, as an exam does."""
    began = [event.at for event in events if event.kind in (Kind.SIGN_OFF.value, Kind.RESTORED.value)]
    return max([*began, *([counted.latest] if counted.latest else [])]) + timedelta(days=wanted.inactive_days)


def _last(events: Sequence[Event], *kinds: Kind) -> Event | None:
    wanted = {kind.value for kind in kinds}
    return next((event for event in reversed(events) if event.kind in wanted), None)
