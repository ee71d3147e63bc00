"""What a peer answered, and what follows from it."""

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """`RETRY`: nothing is wrong with what was sent, it may succeed later. `REFUSED`: it will be refused again; a person has to look."""

    ACCEPTED = "accepted"
    WARNED = "warned"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is a sentence for a person, with what the peer really answered.

    `status` is the answer for machines: four hexadecimal digits of DICOM ("A700"), a status of HTTP ("409"), an acknowledgement code of
    HL7 ("AE"), or a slug where the peer gave none ("no-connection", "silent").
    """

    outcome: Outcome
    text: str
    status: str

    @property
    def taken(self) -> bool:
        """The peer has it."""
        return self.outcome in (Outcome.ACCEPTED, Outcome.WARNED)


MOST_CHARACTERS = 300
"""Of what a peer writes that is shown to a person."""


def shown(text: str, most: int = MOST_CHARACTERS) -> str:
    """A peer's words on one line, without control characters."""
    plain = " ".join("".join(each if each.isprintable() or each.isspace() else "?" for each in text).split())
    return plain if len(plain) <= most else plain[: most - 3] + "..."
