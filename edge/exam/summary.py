"""The one reading of an exam: zone by zone its state, quality, findings with decisions and score, then the total.

Page, API, report, CLI and export use it. A zone that is not examined is shown as such, never as "normal"; a decision of a person counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from edge.exam.clip import QUALITY
from edge.exam.exam import SKIP_REASONS
from edge.exam.protocol.protocol import Protocol, ScoreRule, Zone
from edge.exam.protocol.score import NO_TOTAL, Total, ZoneScore, total, unscored, zone_score
from edge.exam.verdict import WORDS, Verdict, stated
from edge.notice import MACHINE_CHANGED, one_text
from edge.records.exams.assessment import Assessment
from edge.records.exams.clips import ClipRecord
from edge.records.exams.finding import OPEN, NewFinding, StoredFinding
from edge.records.exams.states import Done, Skipped, ZoneState, ZoneStates
from firmware_bridge.machine import Machine
from firmware_bridge.says import Says, Stated, say

NOT_EXAMINED: Literal["not examined"] = "not examined"
NO_ANSWER = say("ZONE_UNREAD", "the findings of this clip are not recorded: read the clip again")

NAMES: Mapping[str, str] = {"b_lines": "B-lines", "a_lines": "A-lines", "severity_2_plus": "Severity 2 or more"}
"""The names of findings by key, as in the model release, so that an exam can be read without one."""


@dataclass(frozen=True, slots=True)
class FindingSummary:
    """`probability`, `prediction`, `verdict` and its `word` are the model's; `stated` is what holds after a person's `decision`."""

    key: str
    name: str
    probability: float
    verdict: Verdict
    word: str
    prediction: tuple[str, ...] = ()
    stated: Verdict = Verdict.UNSURE
    decision: str = OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None
    id: str = ""

    @classmethod
    def of(cls, finding: NewFinding) -> "FindingSummary":
        """A finding of the model without a decision."""
        verdict = Verdict(finding.verdict)
        name = NAMES.get(finding.key, finding.key)
        return cls(finding.key, name, finding.probability, verdict, WORDS[verdict], finding.prediction, verdict)

    @classmethod
    def of_stored(cls, finding: StoredFinding) -> "FindingSummary":
        """A recorded finding with the decision on it."""
        verdict = Verdict(finding.verdict)
        return cls(
            key=finding.key,
            name=NAMES.get(finding.key, finding.key),
            probability=finding.probability,
            verdict=verdict,
            word=WORDS[verdict],
            prediction=finding.prediction,
            stated=stated(finding),
            decision=finding.decision,
            decided_by=finding.decided_by,
            decided_at=finding.decided_at,
            id=finding.id,
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """What is known of a done zone: the images and findings of its clip, and the clip itself if one is recorded."""

    assessment: Assessment | None
    findings: tuple[FindingSummary, ...]
    clip: ClipRecord | None = None


NOTHING = Taken(None, ())


@dataclass(frozen=True, slots=True)
class ZoneSummary:
    """`quality` (0 to 100), `findings` and `score` belong to a done zone; `reason` states why the zone was skipped or cannot be assessed.

    `code` is that of `reason`, where a clip cannot be assessed. `model_unsure`: the images are good enough, and `reason` is an answer of
    the model. `faults` counts those of its `frames` that had each fault; `overridden` holds the codes of limits that were broken while it
    was recorded anyway. `machine` made its images, and `machine_marks` are shown with them: the model is not validated there, or the
    machine changed in the exam.
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
    code: str = ""
    model_unsure: bool = False
    overridden: tuple[str, ...] = ()
    machine: str = ""
    machine_marks: tuple[str, ...] = ()

    @property
    def machine_mark(self) -> str:
        """Its marks as one text."""
        return one_text(self.machine_marks)


@dataclass(frozen=True, slots=True)
class ExamSummary:
    """`total` and `protocol` are None if the text of the protocol is missing: `problem` states this, and `zones` are those with a state.

    `simulated`: frames of no patient are among the clips.
    """

    protocol: Protocol | None
    zones: tuple[ZoneSummary, ...]
    total: Total | None
    simulated: bool
    done: int
    skipped: int
    overridden: int
    problem: str = ""

    @property
    def machines(self) -> tuple[str, ...]:
        """What made the images of its zones."""
        return tuple(dict.fromkeys(zone.machine for zone in self.zones if zone.machine))

    @property
    def machine_marks(self) -> tuple[str, ...]:
        """The marks of its zones, each once."""
        return tuple(dict.fromkeys(mark for zone in self.zones for mark in zone.machine_marks))

    @property
    def machine_mark(self) -> str:
        """Its marks as one text."""
        return one_text(self.machine_marks)

    @property
    def note(self) -> str:
        """What the score does not show."""
        return self.protocol.score.note if self.protocol else ""

    @property
    def sum(self) -> str:
        """The total in words."""
        return self.total.text if self.total else f"{NO_TOTAL}: {self.problem}"


def summary_of(states: ZoneStates, protocol: Protocol, taken: Mapping[str, Taken]) -> ExamSummary:
    """The summary of an exam so far; `taken` is what is known of each done zone."""
    rule = protocol.score
    zones = tuple(_zone(protocol, zone, states.zones.get(zone.id), taken.get(zone.id, NOTHING)) for zone in protocol.zones)
    sum_ = total(rule, (zone.score or unscored(rule) for zone in zones))
    return _summary(states, taken, zones, protocol=protocol, total=sum_, problem="")


def summary_without_protocol(states: ZoneStates, taken: Mapping[str, Taken], problem: str) -> ExamSummary:
    """The summary of an exam without the text of its protocol: its zones by id, with their findings and without a score."""
    zones = tuple(_state(ZoneSummary(zone, zone, NOT_EXAMINED), state, taken.get(zone, NOTHING)) for zone, state in states.zones.items())
    return _summary(states, taken, zones, protocol=None, total=None, problem=problem)


def taken_in(clips: Sequence[ClipRecord], findings: Sequence[StoredFinding]) -> dict[str, Taken]:
    """What is recorded of each zone, from its newest clip that counts."""
    speaking = {clip.zone: clip for clip in clips if clip.superseded_at is None}
    by_zone: dict[str, list[FindingSummary]] = {zone: [] for zone in speaking}
    for finding in findings:
        if finding.superseded_at is None:
            by_zone.setdefault(finding.zone, []).append(FindingSummary.of_stored(finding))
    return {zone: Taken(_assessment(speaking.get(zone)), tuple(found), speaking.get(zone)) for zone, found in by_zone.items()}


def _assessment(clip: ClipRecord | None) -> Assessment | None:
    return clip.assessment if clip else None


def _summary(
    states: ZoneStates,
    taken: Mapping[str, Taken],
    zones: tuple[ZoneSummary, ...],
    *,
    protocol: Protocol | None,
    total: Total | None,
    problem: str,
) -> ExamSummary:
    zones = _with_changes(zones)
    done = [zone for zone in zones if zone.state == "done"]
    known = [taken.get(zone.id, NOTHING).assessment for zone in done]
    return ExamSummary(
        protocol=protocol,
        zones=zones,
        total=total,
        simulated=any(each.simulated for each in known if each is not None),
        done=len(done),
        skipped=sum(isinstance(state, Skipped) for state in states.zones.values()),
        overridden=sum(bool(zone.overridden) for zone in done),
        problem=problem,
    )


def _with_changes(zones: tuple[ZoneSummary, ...]) -> tuple[ZoneSummary, ...]:
    """Marks the zones of another machine than that of the first: a probe was replaced in the exam, or a source changed its identity."""
    named = [Machine.named(zone.machine) for zone in zones if zone.machine]
    return tuple(_changed(zone) if zone.machine and Machine.named(zone.machine) != named[0] else zone for zone in zones)


def _changed(zone: ZoneSummary) -> ZoneSummary:
    return replace(zone, machine_marks=(*zone.machine_marks, MACHINE_CHANGED))


def _zone(protocol: Protocol, zone: Zone, state: ZoneState | None, taken: Taken) -> ZoneSummary:
    asked = protocol.acquisition(zone.id).findings
    wanted = replace(taken, findings=tuple(finding for finding in taken.findings if finding.key in asked))
    summary = _state(ZoneSummary(zone.id, zone.name, NOT_EXAMINED), state, wanted)
    return replace(summary, score=_score(protocol.score, summary)) if isinstance(state, Done) else summary


def _score(rule: ScoreRule, zone: ZoneSummary) -> ZoneScore:
    return zone_score(rule, {finding.key: finding.stated for finding in zone.findings})


def _state(zone: ZoneSummary, state: ZoneState | None, taken: Taken) -> ZoneSummary:
    match state:
        case Done(overridden):
            return _done(zone, overridden, taken)
        case Skipped(reason, note):
            why = SKIP_REASONS[reason]
            return replace(zone, state="skipped", reason=say("SKIP_NOTED", "{why}: {note}", why=why, note=note) if note else why)
        case None:
            return zone


def _done(zone: ZoneSummary, overridden: tuple[str, ...], taken: Taken) -> ZoneSummary:
    done = replace(zone, state="done", overridden=overridden, findings=taken.findings)
    images = taken.assessment
    if images is None:
        quality = taken.clip.quality if taken.clip else None
        return replace(done, quality=quality, reason="" if taken.findings else NO_ANSWER)
    code, reason = ("", "") if images.assessable else (images.code, Stated(images.advice, images.says or Says(images.code)))
    unsure = images.reason not in (None, QUALITY)
    done = replace(done, machine=images.machine, machine_marks=tuple(filter(None, (images.machine_mark,))))
    return replace(done, quality=images.quality, frames=images.frames, faults=images.faults, code=code, reason=reason, model_unsure=unsure)
