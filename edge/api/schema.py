"""The models of the answers; one function makes each of them from the appliance's own objects."""

from pydantic import BaseModel, ConfigDict, Field

from edge.api.says import SaysOut, says_out
from edge.api.view import ApplianceView
from edge.inference.finding_label import FindingLabel
from edge.inference.reading import Score
from edge.inference.shown import percent, whole
from edge.inference.validation import advice_on
from edge.notice import NOT_VALIDATED, NOTICE
from edge.pipeline.observation import Observation
from edge.pipeline.source_state import SourceState
from edge.vision.quality import Quality
from edge.vision.region import FoundBy
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.machine import UNKNOWN_MACHINE, UNKNOWN_NAME, Machine
from firmware_bridge.recorder import RecordingStatus
from firmware_bridge.sources.base import Origin


class FindingOut(BaseModel):
    """`probability` (0 to 1) and `percent` are for this frame only; `set` holds the answers that the model does not rule out."""

    key: str
    name: str
    probability: float
    percent: int
    set: list[str]


class ReasonOut(BaseModel):
    """A fault of a frame, and the advice for it. Only a fault that `spoils` the frame makes it not good enough to read."""

    code: str
    spoils: bool
    measured: float
    limit: float
    advice: str
    says: SaysOut | None = None


class MachineOut(BaseModel):
    """What made the images: the name of the machine, and whether a person or the site states it rather than the source itself.

    `validated`: the model holds there. Where it does not, `mark` is what everyone who sees a finding must see too, and `advice` is the next
    step.
    """

    name: str = UNKNOWN_NAME
    by_person: bool = False
    validated: bool = False
    mark: str = NOT_VALIDATED
    advice: str = ""
    says: SaysOut | None = None


class StagesOut(BaseModel):
    """Milliseconds for each stage of one frame."""

    prepare: float
    invoke: float
    interpret: float


class ReadingOut(BaseModel):
    """The model's output for one frame. `latency_ms` is the time from the frame's last byte to the published reading.

    `region` is how the ultrasound was separated from the text and marks around it: by the source's geometry, by the pixels, or by
    nothing, in which case the whole frame was read. `quality` is the score of this frame, 0 to 100; people see its `quality_points`.
    `field_mm` is the side of the square of tissue that the network saw; null if the source does not report its scale.
    `release` is the model release that made the reading, `model` its version. `novelty` states how unlike a lung the frame is; larger
    is more unlike. If the frame is `novel`, its findings mean nothing. On a `machine` without validation, a `set` of one answer comes from
    the model's calibration across machines.
    """

    sequence: int
    captured_us: int
    simulated: bool
    machine: MachineOut = MachineOut()
    model: str
    release: str
    novelty: float
    novel: bool
    good: bool
    quality: float
    quality_points: int
    reasons: list[ReasonOut]
    region: FoundBy
    field_mm: float | None
    findings: list[FindingOut]
    stages_ms: StagesOut
    latency_ms: float
    notice: str = NOTICE


class RecordingOut(BaseModel):
    """The current or the last recording; `problem` states why it ended, if it ended by an error."""

    running: bool = False
    path: str = ""
    frames: int = 0
    bytes: int = 0
    dropped: int = 0
    problem: str = ""
    fix: str = ""
    says: SaysOut | None = None


def recording_of(status: RecordingStatus | None) -> RecordingOut:
    if status is None:
        return RecordingOut()
    return RecordingOut(
        running=status.running,
        path=str(status.path),
        frames=status.frames,
        bytes=status.bytes,
        dropped=status.dropped,
        problem=status.problem.what if status.problem else "",
        fix=status.problem.fix if status.problem else "",
        says=says_out(status.problem),
    )


class AcquisitionOut(BaseModel):
    """The settings of the machine; null for each setting that it does not report."""

    depth_mm: float | None = None
    gain_db: float | None = None
    frequency_mhz: float | None = None
    focus_mm: float | None = None
    mechanical_index: float | None = None
    thermal_index: float | None = None
    preset: str | None = None


class AcquisitionIn(BaseModel):
    """The settings to change; omitted settings stay unchanged."""

    model_config = ConfigDict(extra="forbid", strict=True)

    depth_mm: float | None = Field(None, gt=0, le=500)
    gain_db: float | None = Field(None, ge=-100, le=200)
    frequency_mhz: float | None = Field(None, gt=0, le=100)
    focus_mm: float | None = Field(None, gt=0, le=500)
    preset: str | None = Field(None, max_length=100)

    @property
    def settings(self) -> AcquisitionSettings:
        return AcquisitionSettings(**self.model_dump())


class CountsOut(BaseModel):
    """received = read + dropped + the frames that are being processed."""

    received: int
    read: int
    dropped: dict[str, int]


class SourceOut(BaseModel):
    """The source of the frames and its state. `simulated` is true if the source generates its pixels.

    `reason` is the code of the fault, empty without a fault; docs/tester.md lists all codes. `trial_left_s` is null unless the simulated
    chest is in the place of the source for a trial: then for about so many seconds more, and 0 while an exam or a recording prolongs it.
    """

    state: SourceState
    url: str
    name: str
    origin: Origin | None
    simulated: bool
    machine: MachineOut = MachineOut()
    device: str
    firmware: str
    serial_number: str
    losses: dict[str, int]
    reason: str
    problem: str
    fix: str
    says: SaysOut | None = None
    trial_left_s: int | None = None


def reasons_of(quality: Quality) -> list[ReasonOut]:
    return [
        ReasonOut(code=r.code, spoils=r.spoils, measured=r.measured, limit=r.limit, advice=r.advice, says=says_out(r.advice))
        for r in quality.reasons
    ]


def machine_out(machine: Machine, *, validated: bool) -> MachineOut:
    mark, advice = ("", "") if validated else (NOT_VALIDATED, advice_on(machine))
    return MachineOut(name=machine.name, by_person=machine.by_person, validated=validated, mark=mark, advice=advice, says=says_out(advice))


def reading_of(observation: Observation) -> ReadingOut:
    reading, times, release, standing = observation.reading, observation.reading.times, observation.release, observation.standing
    return ReadingOut(
        sequence=reading.sequence,
        captured_us=observation.frame.captured_us,
        simulated=reading.simulated,
        machine=machine_out(reading.machine, validated=standing.validated),
        model=reading.model,
        release=release.ident,
        novelty=round(reading.novelty, 4),
        novel=reading.novelty > release.novelty.limit,
        good=observation.quality.good,
        quality=round(observation.quality.score, 1),
        quality_points=whole(observation.quality.score),
        reasons=reasons_of(observation.quality),
        region=observation.seen.region,
        field_mm=observation.seen.field.side_mm,
        findings=[_finding(label, score) for label, score in zip(standing.labels, reading.scores, strict=True)],
        stages_ms=StagesOut(prepare=times.prepare_ns / 1e6, invoke=times.invoke_ns / 1e6, interpret=times.interpret_ns / 1e6),
        latency_ms=round(observation.latency_ms, 3),
    )


def counts_of(view: ApplianceView) -> CountsOut:
    counts = view.counts
    return CountsOut(received=counts.received, read=counts.read, dropped=counts.dropped)


def source_of(view: ApplianceView) -> SourceOut:
    status = view.source_status()
    info = status.info
    machine = info.machine if info else UNKNOWN_MACHINE
    return SourceOut(
        state=status.state,
        url=status.url,
        name=info.name if info else "",
        origin=info.origin if info else None,
        simulated=info is not None and info.simulated,
        machine=machine_out(machine, validated=view.models.release.on(machine).validated),
        device=info.device if info else "",
        firmware=info.firmware if info else "",
        serial_number=info.serial_number if info else "",
        losses={loss.cause: loss.frames for loss in status.losses},
        reason=status.reason,
        problem=status.problem,
        fix=status.fix,
        says=says_out(status.says),
        trial_left_s=view.trial.left_s,
    )


def _finding(label: FindingLabel, score: Score) -> FindingOut:
    probability = label.probability(score.logit)
    return FindingOut(
        key=label.key,
        name=label.name,
        probability=round(probability, 4),
        percent=percent(probability),
        set=list(label.set_of(probability)),
    )


class OutageOut(BaseModel):
    """A part that does not run: what is missing without it, why it does not run, and the next step if it has one of its own.

    While an outage `blocks`, the appliance is not ready: what is scanned is not recorded. `silence_says` is what a page translates of
    `silence`, `says` of the cause and the next step.
    """

    name: str
    silence: str
    cause: str
    fix: str = ""
    blocks: bool = False
    silence_says: SaysOut | None = None
    says: SaysOut | None = None


def outages_of(view: ApplianceView) -> list[OutageOut]:
    return [
        OutageOut(
            name=each.name,
            silence=each.silence,
            cause=each.cause,
            fix=each.fix,
            blocks=each.blocks,
            silence_says=says_out(each.silence),
            says=says_out(each.says),
        )
        for each in view.outages
    ]
