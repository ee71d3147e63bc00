"""The exam as the page and other programs see it: every zone's state in words, never silently normal."""

import time

from pydantic import BaseModel

from edge.api.says import SaysOut, says_out
from edge.api.view import ApplianceView
from edge.exam.exam import Exam
from edge.exam.protocol.protocol import Protocol, Zone
from edge.exam.review.showing import standing
from edge.exam.summary import ExamSummary, FindingSummary, ZoneSummary, summary_of
from edge.exam.taking.gate import Gate, GateState
from edge.exam.taking.guidance import Advice, Colour
from edge.inference.shown import percent, whole
from edge.notice import NOTICE
from edge.people.actor import NOBODY_ACTOR, Actor
from edge.records.exams.states import SkipReason


class ZoneFindingOut(BaseModel):
    """`word` is the model's: "likely present", "likely absent" or "can't tell". `stated` is what holds after a person's `decision`."""

    key: str
    name: str
    probability: float
    percent: int
    word: str
    decision: str
    stated: str


class ZoneOut(BaseModel):
    """`state` is "not examined", "done" or "skipped"; `x` and `y` (0 to 1) are its place on a chest seen from `view`.

    `quality` is 0 to 100; people see its `quality_points`.

    `score` is a range where the findings do not settle it. `reason` states why a zone was skipped, or why its clip is not assessable.
    `machine` made its images; `machine_mark` is shown with them: the model is not validated there, or the machine changed in the exam.
    `view` is empty where the text of the protocol is missing, so that nothing can be drawn. `says` is what a page translates of `reason`.
    """

    id: str
    name: str
    side: str
    view: str
    x: float
    y: float
    state: str
    reason: str
    quality: float | None
    quality_points: int | None
    score: str | None
    findings: list[ZoneFindingOut]
    recorded_anyway: list[str]
    machine: str = ""
    machine_mark: str = ""
    says: SaysOut | None = None


class RefusalOut(BaseModel):
    """One setting of the probe that the protocol does not accept."""

    code: str
    reported: str
    wanted: str
    advice: str
    says: SaysOut | None = None


class GateOut(BaseModel):
    """`unknown` names the settings that the probe does not report."""

    state: GateState
    refusals: list[RefusalOut]
    unknown: list[str]


class ExamOut(BaseModel):
    """`protocol` is that of the exam, or of the next one.

    `held_s` of `seconds` is how long the image of the selected zone has been good; with `must_lift` it is not recorded until the probe is
    lifted, because the image is still the one from before the zone was selected. `id` and `version` are those of its record, and
    `standing` how it stands; `sum_complete`: the `sum` is a total in which no zone is missing; `shown` is false if the site policy hides
    what the model states from you. `controlled_by` is the page that controls the open exam, by the name that it gives in `SonoEdge-Page`;
    empty if none does. `as_of_ms` is when it was read, on the appliance's own clock: of two answers on one exam the later one
    holds, in whichever order they arrive. `says` is what a page translates of `problem` and `fix`.
    """

    as_of_ms: float

    id: str | None
    version: int | None
    standing: str
    shown: bool
    protocol: str
    protocol_name: str
    running: bool
    simulated: bool
    machine_mark: str = ""
    zones: list[ZoneOut]
    selected: str | None
    seconds: float | None
    held_s: float
    must_lift: bool
    keeping: bool
    done: int
    skipped: int
    sum: str
    sum_complete: bool
    sum_note: str
    recorded_anyway: int
    gate: GateOut | None
    controlled_by: str = ""
    problem: str
    fix: str
    says: SaysOut | None = None
    standing_says: SaysOut | None = None
    sum_says: SaysOut | None = None
    notice: str = NOTICE


class GuidanceOut(BaseModel):
    """The most useful next step. It was true `age_ms` before it was sent; do not show it when it is older than 300 ms."""

    code: str
    text: str
    colour: Colour
    age_ms: float
    says: SaysOut | None = None


class ProtocolOut(BaseModel):
    id: str
    name: str
    version: str
    zones: int


class SkipReasonOut(BaseModel):
    reason: SkipReason
    text: str
    says: SaysOut | None = None


def protocol_out(protocol: Protocol) -> ProtocolOut:
    return ProtocolOut(id=protocol.id, name=protocol.name, version=protocol.version, zones=len(protocol.zones))


def guidance_out(advice: Advice | None, now: float) -> GuidanceOut | None:
    """None where there is no advice that is still true at `now`, in seconds of `time.monotonic()`."""
    if advice is None or not advice.fresh(now):
        return None
    age_ms = round(1000 * (now - advice.at), 1)
    return GuidanceOut(code=advice.code, text=advice.text, colour=advice.colour, age_ms=age_ms, says=says_out(advice.text))


def readings_shown(view: ApplianceView) -> bool:
    """Whether every watcher, signed in or not, sees what the model finds in the live image."""
    return view.live.shows_findings(NOBODY_ACTOR)


def exam_out(view: ApplianceView, actor: Actor) -> ExamOut:
    as_of, status = time.monotonic(), view.exam.status
    record, protocol, exam = status.record, status.protocol, status.exam or Exam.begin(status.protocol)
    summary, shown = view.exam.summary(actor, record) if record else (summary_of(exam.states, protocol, {}), True)
    selected = exam.selected if status.running else None
    overridden = status.live.gate is not None and status.live.gate.state is GateState.OVERRIDDEN
    return ExamOut(
        as_of_ms=round(1000 * as_of, 1),
        id=record.id if record else None,
        version=record.version if record else None,
        standing=standing(record) if record else "",
        shown=shown,
        protocol=protocol.id,
        protocol_name=protocol.name,
        running=status.running,
        simulated=summary.simulated,
        machine_mark=summary.machine_mark,
        zones=zones_out(summary, shown=shown),
        selected=selected,
        seconds=protocol.acquisition(selected).seconds if selected else None,
        held_s=round(status.live.held_s, 2),
        must_lift=status.live.must_lift,
        keeping=status.live.keeping,
        done=summary.done,
        skipped=summary.skipped,
        sum=summary.sum if shown else "",
        sum_complete=shown and summary.total is not None and summary.total.complete,
        sum_note=summary.note,
        recorded_anyway=summary.overridden + overridden,
        gate=_gate(status.live.gate),
        controlled_by=view.exam.control.holder(actor, record.id) if record and status.running else "",
        problem=status.live.problem.what if status.live.problem else "",
        fix=status.live.problem.fix if status.live.problem else "",
        says=says_out(status.live.problem),
        standing_says=says_out(standing(record)) if record else None,
        sum_says=says_out(summary.sum) if shown else None,
    )


def zones_out(summary: ExamSummary, *, shown: bool) -> list[ZoneOut]:
    """What the model states, and what was decided on it, is left out unless it is `shown`; the quality never is."""
    drawn = {zone.id: zone for zone in summary.protocol.zones} if summary.protocol else {}
    return [_zone(drawn.get(zone.id), zone, shown=shown) for zone in summary.zones]


def _zone(drawn: Zone | None, zone: ZoneSummary, *, shown: bool) -> ZoneOut:
    reason = "" if zone.model_unsure and not shown else zone.reason
    return ZoneOut(
        id=zone.id,
        name=zone.name,
        side=drawn.side if drawn else "",
        view=drawn.draw.view if drawn else "",
        x=drawn.draw.x if drawn else 0,
        y=drawn.draw.y if drawn else 0,
        state=zone.state,
        reason=reason,
        says=says_out(reason),
        quality=None if zone.quality is None else round(zone.quality, 1),
        quality_points=None if zone.quality is None else whole(zone.quality),
        score=zone.score.text if zone.score and shown else None,
        findings=[_finding(finding) for finding in zone.findings] if shown else [],
        recorded_anyway=list(zone.overridden),
        machine=zone.machine,
        machine_mark=zone.machine_mark,
    )


def _finding(finding: FindingSummary) -> ZoneFindingOut:
    return ZoneFindingOut(
        key=finding.key,
        name=finding.name,
        probability=round(finding.probability, 4),
        percent=percent(finding.probability),
        word=finding.word,
        decision=finding.decision,
        stated=finding.stated.value,
    )


def _gate(gate: Gate | None) -> GateOut | None:
    if gate is None:
        return None
    refusals = [
        RefusalOut(code=r.code.value, reported=r.reported, wanted=r.wanted, advice=r.advice, says=says_out(r.advice))
        for r in gate.checked.refusals
    ]
    return GateOut(state=gate.state, refusals=refusals, unknown=list(gate.checked.unknown))
