"""Disagreement of two releases on the same frames: for each frame, and collected into one line a second."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from edge.inference.reading import Reading
from edge.inference.validation import Labels, Standing
from edge.notice import NOTICE

ACTIVE, SHADOW = "active", "shadow"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one release for one finding: its probability, 0 to 1, and its prediction set."""

    probability: float
    set: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The answers of two releases for the same finding of the same frame."""

    active: Answer
    shadow: Answer

    @property
    def disagrees(self) -> bool:
        """One of the two rules out an answer that the other does not."""
        return self.active.set != self.shadow.set

    @property
    def width(self) -> float:
        """The gap between their probabilities."""
        return abs(self.active.probability - self.shadow.probability)


def answers_of(reading: Reading, labels: Labels) -> dict[str, Answer]:
    """The answers by the finding's key; `labels` calibrate and decide on the machine of the reading."""
    both = ((label, label.probability(score.logit)) for label, score in zip(labels, reading.scores, strict=True))
    return {label.key: Answer(probability, label.set_of(probability)) for label, probability in both}


def not_validated(active: Standing, shadow: Standing) -> tuple[str, ...]:
    """Which of the two is not validated on the machine: ACTIVE, SHADOW, both or none."""
    return tuple(who for who, standing in ((ACTIVE, active), (SHADOW, shadow)) if not standing.validated)


def of_both(frames: Counter[str]) -> dict[str, int]:
    """A count of frames for ACTIVE and for SHADOW."""
    return {who: frames[who] for who in (ACTIVE, SHADOW)}


def differences(active: Mapping[str, Answer], shadow: Mapping[str, Answer]) -> dict[str, Difference]:
    """The differences for the findings that both releases have."""
    return {key: Difference(answer, shadow[key]) for key, answer in active.items() if key in shadow}


@dataclass(slots=True)
class _Finding:
    frames: int
    sequence: int
    widest: Difference


@dataclass(slots=True)
class Episode:
    """A period in which `active` and `shadow` (idents) disagree. `begun_s`: seconds of `time.monotonic()`; `at`: the time of day."""

    at: str
    begun_s: float
    active: str
    shadow: str
    simulated: bool = False
    _sequences: list[int] = field(default_factory=list)
    _findings: dict[str, _Finding] = field(default_factory=dict)
    _machines: dict[str, None] = field(default_factory=dict)
    _not_validated: Counter[str] = field(default_factory=Counter)

    def add(self, reading: Reading, found: Mapping[str, Difference], marked: Iterable[str] = ()) -> None:
        """Adds one frame, whether or not the two agree on it; `marked` are those that are not validated on its machine."""
        self._sequences.append(reading.sequence)
        self.simulated |= reading.simulated
        self._machines[reading.machine.name] = None
        self._not_validated.update(marked)
        for key, difference in found.items():
            if difference.disagrees:
                self._count(key, reading.sequence, difference)

    def _count(self, key: str, sequence: int, difference: Difference) -> None:
        known = self._findings.setdefault(key, _Finding(0, sequence, difference))
        known.frames += 1
        if difference.width > known.widest.width:
            known.sequence, known.widest = sequence, difference

    @property
    def line(self) -> dict[str, object]:
        """The line for the log: for each finding, the number of frames with a disagreement and the frame with the widest gap.

        `machine_not_validated` counts the frames of machines on which each of the two is not validated.
        """
        return {
            "at": self.at,
            "active": self.active,
            "shadow": self.shadow,
            "first": self._sequences[0],
            "last": self._sequences[-1],
            "frames": len(self._sequences),
            "simulated": self.simulated,
            "machine": " + ".join(self._machines),
            "machine_not_validated": of_both(self._not_validated),
            "findings": {key: _record(found) for key, found in self._findings.items()},
            "notice": NOTICE,
        }


def _record(found: _Finding) -> dict[str, object]:
    both = {ACTIVE: found.widest.active, SHADOW: found.widest.shadow}
    answers = {name: {"probability": round(one.probability, 4), "set": list(one.set)} for name, one in both.items()}
    return {"frames": found.frames, "sequence": found.sequence, **answers}
