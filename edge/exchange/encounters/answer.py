"""The acknowledgement of an HL7 message that this board receives (HL7 v2.5.1, 2.9.2): taken, of a wrong content, or rejected, and why."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from edge.exchange.hl7.er7 import ENCODING, at, components, escaped, message, segment
from edge.exchange.hl7.reading import Hl7Message
from firmware_bridge.errors import InputRefused

Condition = Literal["unreadable", "missing", "value", "type", "event", "processing", "internal"]
Code = Literal["AA", "AE", "AR"]

CONDITIONS: Mapping[Condition, tuple[Code, str, str]] = MappingProxyType(
    {
        "unreadable": ("AR", "100", "Segment sequence error"),
        "missing": ("AE", "101", "Required field missing"),
        "value": ("AE", "102", "Data type error"),
        "type": ("AR", "200", "Unsupported message type"),
        "event": ("AR", "201", "Unsupported event code"),
        "processing": ("AR", "202", "Unsupported processing id"),
        "internal": ("AR", "207", "Application internal error"),
    }
)
"""The code of the answer, with the error in HL7 table 0357. After AR for an internal error the same message may be taken later."""
VERSION = "2.5.1"
TABLE = "HL70357"


class AdtRefused(InputRefused):
    """A message changes nothing: it is not used, or a field that is needed is missing."""

    code = "adt-refused"

    def __init__(self, what: str, fix: str, condition: Condition) -> None:
        super().__init__(what, fix)
        self.condition: Condition = condition


def taken(received: Hl7Message, own_id: str, now: datetime, remark: str = "") -> bytes:
    """The answer AA. `own_id` is the control ID of the answer, `remark` a sentence for the person who reads the sender's log."""
    return message((*_head(received, own_id, now), segment("MSA", "AA", _asked(received), escaped(remark))))


def refused(received: Hl7Message | None, own_id: str, now: datetime, reason: str, condition: Condition) -> bytes:
    """The answer AE or AR, with the `reason` in words; of bytes that are no message, `received` is None."""
    code, number, meaning = CONDITIONS[condition]
    answered = segment("MSA", code, _asked(received) if received else "", escaped(reason))
    error = segment("ERR", "", "", components(number, meaning, TABLE), "E", "", "", "", escaped(reason))
    return message((*_head(received, own_id, now), answered, error))


def _head(received: Hl7Message | None, own_id: str, now: datetime) -> tuple[str]:
    """Back to the sender, in the processing mode and the version that it uses."""
    fields = ["MSH", ENCODING, "", "", "", "", at(now), "", "ACK", own_id, "P", VERSION, "", "", "", "", "", "UNICODE UTF-8"]
    if received is not None:
        msh = received.msh
        for place, number in ((2, 5), (3, 6), (4, 3), (5, 4)):
            fields[place] = components(*(msh[number].component(part).text for part in (1, 2, 3)))
        event = msh[9].component(2).text
        fields[8] = components("ACK", event, "ACK") if event else "ACK"
        fields[10], fields[11] = escaped(msh[11].text.text or "P"), escaped(msh[12].text.text or VERSION)
    return (segment(*fields),)


def _asked(received: Hl7Message) -> str:
    return escaped(received.msh[10].text.text)
