"""Answer: the result of one release for a clip, small enough to send, store and compare."""

from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import Self

from edge.exam.clip import ClipFinding
from edge.exam.verdict import Verdict, verdict_of


@dataclass(frozen=True, slots=True)
class FindingAnswer:
    """One finding: its probability (0 to 1), and its prediction set of `present` and `absent`."""

    probability: float
    set: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one clip; all but `release` and `findings`, which is by key, are those of `edge.exam.clip.ClipFinding`.

    `machine_validated` is None in an answer of a program that did not ask for the machine.
    """

    release: str
    reason: str | None
    code: str
    novelty: float | None
    findings: Mapping[str, FindingAnswer]
    machine_validated: bool | None = None

    @classmethod
    def of(cls, finding: ClipFinding, release: str) -> Self:
        findings = {score.finding: FindingAnswer(score.probability, score.set) for score in finding.scores}
        return cls(release, finding.reason, finding.code, finding.novelty, findings, finding.machine_validated)

    def verdict(self, key: str) -> Verdict:
        """Unsure if the clip is not assessable, or the release does not have the finding."""
        stated = self.findings.get(key)
        return Verdict.UNSURE if stated is None or self.reason is not None else verdict_of(stated.set)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Both answers for one clip, its number of `frames`, and the digest of the file.

    `machine` made the frames; it is empty in the results of an earlier program.
    """

    input_sha256: str
    frames: int
    simulated: bool
    old: Answer
    new: Answer
    machine: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The findings of the old release, then those that only the new release has."""
        return tuple(dict.fromkeys((*self.old.findings, *self.new.findings)))

    @property
    def changed(self) -> tuple[str, ...]:
        """The findings with different verdicts."""
        return tuple(key for key in self.keys if self.old.verdict(key) is not self.new.verdict(key))


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a clip has no outcome: `code` for programs, `problem` for people."""

    clip: str
    code: str
    problem: str
