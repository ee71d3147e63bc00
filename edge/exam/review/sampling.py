"""Why a signed exam is over-read: a random draw that can be repeated, a new operator, or an unsure answer.

Source of the rules: clinical quality programmes over-read a share at random and all of novices, of abstentions and of discordant exams. No
source gives the share, so a site sets it.
"""

import hashlib
from dataclasses import dataclass
from enum import Enum

DRAW_BYTES = 8


class OverRead(str, Enum):
    """Why an exam is over-read, in the order in which the reasons are listed."""

    DISCORDANT = "discordant"
    ABSTAINED = "abstained"
    NOVICE = "novice"
    RANDOM = "random"
    DRIFT = "drift"


REASONS = {
    OverRead.DISCORDANT: "A person and the model, or two people, disagree",
    OverRead.ABSTAINED: "A zone could not be assessed, or the model could not tell",
    OverRead.NOVICE: "Its operator has few counted exams",
    OverRead.RANDOM: "Drawn at random",
    OverRead.DRIFT: "Drawn in addition, because the images or the answers of the model have changed",
}


@dataclass(frozen=True, slots=True)
class Sampling:
    """The rule of a site: the `share` (0 to 1) drawn with `seed`, and the number of counted exams from which an operator is no novice.

    `raised` is the share while the drift watch of the model does not state steady, 0 otherwise.
    """

    share: float
    seed: str
    novice_exams: int
    raised: float = 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that the rule needs of an exam; `counted_exams` of its operator under its protocol."""

    exam_uid: str
    counted_exams: int
    abstained: bool
    discordant: bool


def is_drawn(exam_uid: str, share: float, seed: str) -> bool:
    """True for a share of all exams, always the same ones: the draw is the start of SHA-256 over seed and exam UID."""
    drawn = hashlib.sha256(f"{seed}\n{exam_uid}".encode()).digest()[:DRAW_BYTES]
    return int.from_bytes(drawn, "big") < share * (1 << 8 * DRAW_BYTES)


def over_read(facts: Facts, sampling: Sampling) -> tuple[OverRead, ...]:
    """Every reason to over-read this exam; empty if there is none."""
    drawn = is_drawn(facts.exam_uid, sampling.share, sampling.seed)
    holds = {
        OverRead.DISCORDANT: facts.discordant,
        OverRead.ABSTAINED: facts.abstained,
        OverRead.NOVICE: facts.counted_exams < sampling.novice_exams,
        OverRead.RANDOM: drawn,
        OverRead.DRIFT: not drawn and is_drawn(facts.exam_uid, sampling.raised, sampling.seed),
    }
    return tuple(reason for reason in OverRead if holds[reason])
