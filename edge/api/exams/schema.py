"""The exam as the page and other programs see it: every zone's state in words, never silently normal."""

from pydantic import BaseModel

from edge.api.view import ApplianceView
from edge.exam.exam import Exam, SkipReason
from edge.exam.protocol.protocol import Protocol, Zone
from edge.exam.review.showing import standing
from edge.exam.summary import ZoneSummary, summary_of
from edge.exam.taking.gate import Gate, GateState
from edge.exam.taking.guidance import Advice, Colour
from edge.notice import NOTICE
from edge.people.actor import NOBODY_ACTOR, Actor


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

    `held_s` of `seconds` is how long the image of the selected zone has been good. `id` and `version` are those of its record, and
    `standing` how it stands; `shown` is false where site policy keeps back what the model says from whoever asks.
    """

    id: str | None
    version: int | None
    standing: str
    shown: bool
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


def readings_shown(view: ApplianceView) -> bool:
    """Whether every watcher, signed in or not, sees what the model finds in the live image."""
    return view.live.shows_findings(NOBODY_ACTOR)


def exam_out(view: ApplianceView, actor: Actor) -> ExamOut:
    status = view.exam.status
    record, shown = status.record, status.record is None or view.exam.book.shown(actor, status.record)
    protocol, exam = status.protocol, status.exam or Exam.begin(status.protocol)
    summary = summary_of(exam, view.models.release.findings)
    selected = exam.selected if status.running else None
    overridden = status.live.gate is not None and status.live.gate.state is GateState.OVERRIDDEN
    return ExamOut(
        id=record.id if record else None,
        version=record.version if record else None,
        standing=standing(record) if record else "",
        shown=shown,
        protocol=protocol.id,
        protocol_name=protocol.name,
        running=status.running,
        simulated=summary.simulated,
        zones=[zone_out(zone, told, shown=shown) for zone, told in zip(protocol.zones, summary.zones, strict=True)],
        selected=selected,
        seconds=protocol.acquisition(selected).seconds if selected else None,
        held_s=round(status.live.held_s, 2),
        keeping=status.live.keeping,
        done=exam.done,
        skipped=exam.skipped,
        sum=summary.total.text if shown else "",
        sum_note=summary.note,
        recorded_anyway=exam.overridden + overridden,
        gate=_gate(status.live.gate),
        problem=status.live.problem.what if status.live.problem else "",
        fix=status.live.problem.fix if status.live.problem else "",
    )


def zone_out(zone: Zone, told: ZoneSummary, *, shown: bool) -> ZoneOut:
    """What the model says is left out unless it is `shown`; the quality never is."""
    findings = told.findings if shown else ()
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
        score=told.score.text if told.score and shown else None,
        findings=[ZoneFindingOut(key=f.key, name=f.name, probability=round(f.probability, 4), word=f.word) for f in findings],
        recorded_anyway=list(told.overridden),
    )


def _gate(gate: Gate | None) -> GateOut | None:
    if gate is None:
        return None
    refusals = [RefusalOut(code=r.code.value, reported=r.reported, wanted=r.wanted, advice=r.advice) for r in gate.checked.refusals]
    return GateOut(state=gate.state, refusals=refusals, unknown=list(gate.checked.unknown))
