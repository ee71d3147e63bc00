"""The exam as the page and other programs see it: every zone's state in words, never silently normal."""

from pydantic import BaseModel

from edge.api.view import ApplianceView
from edge.exam.exam import Exam, SkipReason
from edge.exam.gate import Gate, GateState
from edge.exam.guidance import Advice, Colour
from edge.exam.protocol import Protocol, Zone
from edge.exam.summary import ZoneSummary, summary_of
from edge.notice import NOTICE


class ZoneFindingOut(BaseModel):
    """`word` is "likely present", "likely absent" or "can't tell"."""

    key: str
    name: str
    probability: float
    word: str


class ZoneOut(BaseModel):
    """`state` is "not examined", "done" or "skipped"; `x` and `y` (0 to 1) are its place on a chest seen from `view`.

    `score` is a range where the model alone cannot settle it. `reason` says why a zone was skipped, or why its clip is not assessable.
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
    score: str | None
    findings: list[ZoneFindingOut]
    recorded_anyway: list[str]


class RefusalOut(BaseModel):
    """One setting of the probe that the protocol does not accept."""

    code: str
    reported: str
    wanted: str
    advice: str


class GateOut(BaseModel):
    """`unknown` is what the probe does not tell."""

    state: GateState
    refusals: list[RefusalOut]
    unknown: list[str]


class ExamOut(BaseModel):
    """`protocol` is that of the exam, or of the next one.

    `held_s` of `seconds` is how long the image of the selected zone has been good.
    """

    protocol: str
    protocol_name: str
    running: bool
    simulated: bool
    zones: list[ZoneOut]
    selected: str | None
    seconds: float | None
    held_s: float
    keeping: bool
    done: int
    skipped: int
    sum: str
    sum_note: str
    recorded_anyway: int
    gate: GateOut | None
    problem: str
    fix: str
    notice: str = NOTICE


class GuidanceOut(BaseModel):
    """The most useful next step. It was true `age_ms` before it was sent, and is not to be shown when that is 300 ms ago."""

    code: str
    text: str
    colour: Colour
    age_ms: float


class ProtocolOut(BaseModel):
    id: str
    name: str
    version: str
    zones: int


class SkipReasonOut(BaseModel):
    reason: SkipReason
    text: str


def protocol_out(protocol: Protocol) -> ProtocolOut:
    return ProtocolOut(id=protocol.id, name=protocol.name, version=protocol.version, zones=len(protocol.zones))


def guidance_out(advice: Advice | None, now: float) -> GuidanceOut | None:
    """None where there is no advice that is still true at `now`, in seconds of `time.monotonic()`."""
    if advice is None or not advice.fresh(now):
        return None
    return GuidanceOut(code=advice.code, text=advice.text, colour=advice.colour, age_ms=round(1000 * (now - advice.at), 1))


def exam_out(view: ApplianceView) -> ExamOut:
    status = view.exam.status
    protocol, exam = status.protocol, status.exam or Exam.begin(status.protocol)
    summary = summary_of(exam, view.models.release.findings)
    selected = exam.selected if status.running else None
    overridden = status.gate is not None and status.gate.state is GateState.OVERRIDDEN
    return ExamOut(
        protocol=protocol.id,
        protocol_name=protocol.name,
        running=status.running,
        simulated=summary.simulated,
        zones=[_zone(zone, told) for zone, told in zip(protocol.zones, summary.zones, strict=True)],
        selected=selected,
        seconds=protocol.acquisition(selected).seconds if selected else None,
        held_s=round(status.held_s, 2),
        keeping=status.keeping,
        done=exam.done,
        skipped=exam.skipped,
        sum=summary.total.text,
        sum_note=summary.note,
        recorded_anyway=exam.overridden + overridden,
        gate=_gate(status.gate),
        problem=status.problem.what if status.problem else "",
        fix=status.problem.fix if status.problem else "",
    )


def _zone(zone: Zone, told: ZoneSummary) -> ZoneOut:
    return ZoneOut(
        id=zone.id,
        name=zone.name,
        side=zone.side,
        view=zone.draw.view,
        x=zone.draw.x,
        y=zone.draw.y,
        state=told.state,
        reason=told.reason,
        quality=None if told.quality is None else round(told.quality, 1),
        score=told.score.text if told.score else None,
        findings=[ZoneFindingOut(key=f.key, name=f.name, probability=round(f.probability, 4), word=f.word) for f in told.findings],
        recorded_anyway=list(told.overridden),
    )


def _gate(gate: Gate | None) -> GateOut | None:
    if gate is None:
        return None
    refusals = [RefusalOut(code=r.code.value, reported=r.reported, wanted=r.wanted, advice=r.advice) for r in gate.checked.refusals]
    return GateOut(state=gate.state, refusals=refusals, unknown=list(gate.checked.unknown))
