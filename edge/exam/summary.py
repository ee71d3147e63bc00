"""An exam as it is reported: zone by zone state, quality, findings and score, then the sum. A zone not examined says so, never "normal"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from edge.exam.exam import SKIP_REASONS, Done, Exam, Skipped
from edge.exam.protocol.protocol import Zone
from edge.exam.protocol.score import Total, ZoneScore, total, unscored, zone_score
from edge.exam.verdict import WORDS, Verdict, verdicts_of
from edge.inference.release import FindingLabel

NOT_EXAMINED: Literal["not examined"] = "not examined"


@dataclass(frozen=True, slots=True)
class FindingSummary:
    """`probability` is what the model said; the verdict is unsure where the clip cannot be assessed, whatever that was."""

    key: str
    name: str
    probability: float
    verdict: Verdict
    word: str


@dataclass(frozen=True, slots=True)
class ZoneSummary:
    """`quality` (0 to 100), `findings` and `score` are of a zone that is done; `reason` says why it was skipped or cannot be assessed.

    `faults` counts those of its `frames` that had each fault; `overridden` holds the codes of limits that were broken while it was
    recorded anyway.
    """

    id: str
    name: str
    state: Literal["done", "skipped", "not examined"]
    quality: float | None = None
    frames: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[FindingSummary, ...] = ()
    score: ZoneScore | None = None
    reason: str = ""
    overridden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExamSummary:
    """`note` says what the score does not tell; `simulated`: frames of no patient are among the clips."""

    protocol: str
    protocol_version: str
    zones: tuple[ZoneSummary, ...]
    total: Total
    note: str
    simulated: bool


def summary_of(exam: Exam, labels: Sequence[FindingLabel]) -> ExamSummary:
    """The exam as far as it is; `labels` are those of the model release."""
    rule = exam.protocol.score
    zones = tuple(_zone(exam, zone, labels) for zone in exam.protocol.zones)
    return ExamSummary(
        protocol=exam.protocol.id,
        protocol_version=exam.protocol.version,
        zones=zones,
        total=total(rule, (zone.score or unscored(rule) for zone in zones)),
        note=rule.note,
        simulated=any(isinstance(state, Done) and state.finding.simulated for state in exam.zones.values()),
    )


def _zone(exam: Exam, zone: Zone, labels: Sequence[FindingLabel]) -> ZoneSummary:
    match exam.zones.get(zone.id):
        case Done() as done:
            return _done(exam, zone, done, labels)
        case Skipped(reason, note):
            return ZoneSummary(zone.id, zone.name, "skipped", reason=f"{SKIP_REASONS[reason]}{f': {note}' if note else ''}")
        case None:
            return ZoneSummary(zone.id, zone.name, NOT_EXAMINED)


def _done(exam: Exam, zone: Zone, done: Done, labels: Sequence[FindingLabel]) -> ZoneSummary:
    finding = done.finding
    verdicts = verdicts_of(finding)
    names = {label.key: label.name for label in labels}
    return ZoneSummary(
        id=zone.id,
        name=zone.name,
        state="done",
        quality=finding.quality,
        frames=finding.frames,
        faults=finding.faults,
        findings=tuple(
            FindingSummary(
                key=score.finding,
                name=names.get(score.finding, score.finding),
                probability=score.probability,
                verdict=verdicts[score.finding],
                word=WORDS[verdicts[score.finding]],
            )
            for score in finding.scores
            if score.finding in exam.protocol.acquisition(zone.id).findings
        ),
        score=zone_score(exam.protocol.score, verdicts),
        reason="" if finding.assessable else f"{finding.code}: {finding.advice}",
        overridden=done.overridden,
    )
