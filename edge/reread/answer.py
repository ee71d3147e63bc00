"""Answer: what one release says of a clip, kept small enough to be sent, written down and compared."""

from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import Self

from edge.exam.clip import ClipFinding
from edge.exam.verdict import Verdict, verdict_of


@dataclass(frozen=True, slots=True)
class Told:
    """One finding: its probability (0 to 1), and the set of `present` and `absent` that cannot be ruled out."""

    probability: float
    set: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one clip; `reason`, `code` and `novelty` are those of `edge.exam.clip.ClipFinding`, `findings` is by key."""

    release: str
    reason: str | None
    code: str
    novelty: float | None
    findings: Mapping[str, Told]

    @classmethod
    def of(cls, finding: ClipFinding, release: str) -> Self:
        told = {score.finding: Told(score.probability, score.set) for score in finding.scores}
        return cls(release, finding.reason, finding.code, finding.novelty, told)

    def verdict(self, key: str) -> Verdict:
        """Unsure where the clip cannot be assessed, or the release does not know the finding."""
        told = self.findings.get(key)
        return Verdict.UNSURE if told is None or self.reason is not None else verdict_of(told.set)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Both answers of one clip of so many `frames`, and the digest of the file that was read for them."""

    input_sha256: str
    frames: int
    simulated: bool
    old: Answer
    new: Answer

    @property
    def keys(self) -> tuple[str, ...]:
        """Of the findings, those that both know first."""
        return tuple(dict.fromkeys((*self.old.findings, *self.new.findings)))

    @property
    def changed(self) -> tuple[str, ...]:
        """Of the findings whose verdict differs."""
        return tuple(key for key in self.keys if self.old.verdict(key) is not self.new.verdict(key))


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a clip has no outcome: `code` for machines, `problem` for people."""

    clip: str
    code: str
    problem: str
