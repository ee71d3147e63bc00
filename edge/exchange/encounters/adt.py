"""What an HL7 v2 message of admission, discharge and transfer (ADT) changes, without input or output."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Final, Literal

from edge.exchange.encounters.adt_fields import Stated, person_of, pick, visit_of
from edge.exchange.encounters.answer import AdtRefused
from edge.exchange.hl7.reading import Hl7Message, Segment
from edge.exchange.peers.outcome import shown

Effect = Literal["open", "close", "keep", "update", "merge"]

EVENTS: Mapping[str, Effect] = MappingProxyType(
    {
        **dict.fromkeys(("A01", "A04", "A05", "A13"), "open"),  # admit, register, pre-admit, cancel discharge
        **dict.fromkeys(("A03", "A11", "A38"), "close"),  # discharge, cancel admit, cancel pre-admit
        **dict.fromkeys(("A02", "A06", "A07", "A12"), "keep"),  # transfer, to inpatient, to outpatient, cancel transfer
        "A08": "update",
        "A40": "merge",
    }
)
"""The events that are used (HL7 v2.5.1, chapter 3). What `update` states of the patient holds for each of the patient's visits."""
PRODUCTION: Final = ("", "P")
"""Processing ids (MSH-11) of real patients; T and D are for training and debugging (HL7 table 0103)."""
LONGEST: Final = 500
"""Characters of one value; in HL7 v2.5.1 an ID has at most 250, and a name 250."""
TIME: Final = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\.\d{1,6})?([+-]\d{4})?")


@dataclass(frozen=True, slots=True)
class Change:
    """What one message states. `at` is when the hospital recorded the event, in UTC; `control_id` tells a repetition.

    `merged` is the patient, by ID and issuer, whose record ends in that of the stated one. `discharged`: it states when the visit ended.
    """

    event: str
    effect: Effect
    at: datetime
    control_id: str
    stated: Stated
    merged: tuple[str, str] | None = None
    discharged: bool = False


def changes_of(message: Hl7Message) -> tuple[Change, ...]:
    """The changes in their order: one, or one for each pair of a merge.

    Raises:
        AdtRefused: the message is not used, or a field that is needed is missing.
    """
    event = _event(message)
    at, control_id = _recorded_at(message), message.msh[10].text.text
    if not 0 < len(control_id) <= LONGEST:
        raise AdtRefused(f"MSH-10, the control ID, is empty or has more than {LONGEST} characters", "Give each message its own", "missing")
    changes = _merges(message, event, at, control_id) if EVENTS[event] == "merge" else (_visit(message, event, at, control_id),)
    for change in changes:
        for name, value in change.stated.values.items():
            if len(value) > LONGEST:
                raise AdtRefused(f"The {name.replace('_', ' ')} has more than {LONGEST} characters", "Send it as HL7 limits it", "value")
    return changes


def _visit(message: Hl7Message, event: str, at: datetime, control_id: str) -> Change:
    pid, visit = message.first("PID"), message.first("PV1")
    stated = person_of(pid) | visit_of(visit, pid)
    if not stated.values.get("admission_id"):
        raise AdtRefused("PV1-19, the visit number, and PID-18 are empty", "Send one of them with each event of a visit", "missing")
    return Change(event, EVENTS[event], at, control_id, stated, discharged=bool(visit[45].text))


def _merges(message: Hl7Message, event: str, at: datetime, control_id: str) -> tuple[Change, ...]:
    pairs = tuple(Change(event, "merge", at, control_id, person, merged) for person, merged in _pairs(message))
    if not pairs:
        raise AdtRefused("There is no MRG after PID", "Send the earlier patient ID in MRG-1", "missing")
    return pairs


def moment_of(stated: str) -> datetime | None:
    """A time stamp (TS) in UTC; one without a zone is of the zone of this board. None where it is none."""
    if (found := TIME.fullmatch(stated)) is None:
        return None
    *numbers, fraction, zone = found.groups()
    year, month, day, hour, minute, second = (int(each or first) for each, first in zip(numbers, (1, 1, 1, 0, 0, 0), strict=True))
    with suppress(ValueError, OverflowError, OSError):
        whole = datetime(year, month, day, hour, minute, second, int(float(fraction or 0) * 1e6))
        aware = datetime.fromisoformat(f"{whole.isoformat()}{zone[:3]}:{zone[3:]}") if zone else whole.astimezone()
        return aware.astimezone(timezone.utc)
    return None


def _event(message: Hl7Message) -> str:
    kind, event = message.msh[9].text.text, message.msh[9].component(2).text or message.first("EVN")[1].text.text
    if kind != "ADT":
        raise AdtRefused(f"A message of the type {shown(kind, 20) or '(none)'} is not taken here", "Send ADT messages", "type")
    if event not in EVENTS:
        raise AdtRefused(f"The event {shown(event, 20) or '(none)'} is not used here", f"Send {', '.join(EVENTS)}", "event")
    if (processing := message.msh[11].text.text) not in PRODUCTION:
        what = f"MSH-11 is {shown(processing, 20)}, so that the message is about no real patient"
        raise AdtRefused(what, "Send P where the patients are real", "processing")
    return event


def _recorded_at(message: Hl7Message) -> datetime:
    for stated in (message.first("EVN")[2], message.msh[7]):
        if (found := moment_of(stated.text.text)) is not None:
            return found
    raise AdtRefused(
        "Neither EVN-2 nor MSH-7 is a date and time", "Send one of them: it tells a newer message from an older one", "missing"
    )


def _pairs(message: Hl7Message) -> Iterator[tuple[Stated, tuple[str, str]]]:
    """Each patient whose record goes on, with the ID and issuer of the one that ends in it."""
    pid = Segment("PID", (), message.msh.delimiters, message.decoded)
    for segment in message.segments:
        if segment.name == "PID":
            pid = segment
        if segment.name != "MRG":
            continue
        going_on, ending = person_of(pid), pick(segment[1])
        for place, each in (("PID-3", going_on), ("MRG-1", ending)):
            found = each.values.get("patient_id", "")
            if not found.strip() or "\\" in found or each.doubts:
                raise AdtRefused(f"{place} does not name one patient for certain", "Send one patient ID there, of the type MR", "missing")
        yield going_on, (ending.values["patient_id"], ending.values["issuer"])
