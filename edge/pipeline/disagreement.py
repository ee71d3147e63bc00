"""Where two releases say otherwise of the same frames: per frame, and gathered into one line a second."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.inference.reading import Reading
from edge.inference.release import ModelRelease
from edge.notice import NOTICE


@dataclass(frozen=True, slots=True)
class Said:
    """What one release says of one finding: its probability, 0 to 1, and its prediction set."""

    probability: float
    set: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What two releases say of the same finding of the same frame."""

    active: Said
    shadow: Said

    @property
    def disagrees(self) -> bool:
        """What the one rules out the other does not."""
        return self.active.set != self.shadow.set

    @property
    def width(self) -> float:
        """Of the gap between their probabilities."""
        return abs(self.active.probability - self.shadow.probability)


def said_of(reading: Reading, release: ModelRelease) -> dict[str, Said]:
    """By the finding's key."""
    return {label.key: Said(s.probability, label.set_of(s.probability)) for label, s in zip(release.findings, reading.scores, strict=True)}


def differences(active: Mapping[str, Said], shadow: Mapping[str, Said]) -> dict[str, Difference]:
    """Of the findings that both of them know."""
    return {key: Difference(said, shadow[key]) for key, said in active.items() if key in shadow}


@dataclass(slots=True)
class _Finding:
    frames: int
    sequence: int
    widest: Difference


@dataclass(slots=True)
class Episode:
    """Disagreement of `active` and `shadow`, both idents, from `begun_s` on, in seconds of `time.monotonic()`; `at` is its time of day."""

    at: str
    begun_s: float
    active: str
    shadow: str
    simulated: bool = False
    _sequences: list[int] = field(default_factory=list)
    _findings: dict[str, _Finding] = field(default_factory=dict)

    def add(self, reading: Reading, found: Mapping[str, Difference]) -> None:
        """Takes one frame, whether or not they agree on it."""
        self._sequences.append(reading.sequence)
        self.simulated |= reading.simulated
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
        """As it is logged: how many of its `frames` each finding was disagreed on in, and the frame of the widest gap."""
        return {
            "at": self.at,
            "active": self.active,
            "shadow": self.shadow,
            "first": self._sequences[0],
            "last": self._sequences[-1],
            "frames": len(self._sequences),
            "simulated": self.simulated,
            "findings": {key: _told(found) for key, found in self._findings.items()},
            "notice": NOTICE,
        }


def _told(found: _Finding) -> dict[str, object]:
    both = {"active": found.widest.active, "shadow": found.widest.shadow}
    said = {name: {"probability": round(one.probability, 4), "set": list(one.set)} for name, one in both.items()}
    return {"frames": found.frames, "sequence": found.sequence, **said}
