"""The shapes of the answers; each is made from the appliance's own objects by one function."""

from pydantic import BaseModel, ConfigDict, Field

from edge.api.view import ApplianceView
from edge.inference.finding_label import FindingLabel
from edge.inference.reading import Score
from edge.notice import NOTICE
from edge.pipeline.observation import Observation
from edge.pipeline.source_state import SourceState
from edge.vision.quality import Quality
from edge.vision.region import FoundBy
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.recorder import RecordingStatus
from firmware_bridge.sources.base import Origin


class FindingOut(BaseModel):
    """`probability` (0 to 1) is of this one frame; `set` holds those of `present` and `absent` that the model does not rule out."""

    key: str
    name: str
    probability: float
    set: list[str]


class ReasonOut(BaseModel):
    """What is wrong with a frame, and what to do about it; only one that `spoils` it makes it not good enough to read."""

    code: str
    spoils: bool
    measured: float
    limit: float
    advice: str


class StagesOut(BaseModel):
    """Milliseconds of each stage for one frame."""

    prepare: float
    invoke: float
    interpret: float


class ReadingOut(BaseModel):
    """What the model says of one frame; `latency_ms` runs from the frame's last byte to the reading published.

    `region` is how the ultrasound was told from what a machine writes around it: by the source's geometry, by the pixels, or by
    nothing, and the whole frame was read. `quality` is the frame's own, 0 to 100.
    `field_mm` is the side of the square of tissue that the network saw; null where the source does not tell its scale.
    `release` is the model release that made the reading, `model` its version. `novelty` is how unlike a lung the frame is, larger for
    stranger; where it is `novel` the findings mean nothing.
    """

    sequence: int
    captured_us: int
    simulated: bool
    model: str
    release: str
    novelty: float
    novel: bool
    good: bool
    quality: float
    reasons: list[ReasonOut]
    region: FoundBy
    field_mm: float | None
    findings: list[FindingOut]
    stages_ms: StagesOut
    latency_ms: float
    notice: str = NOTICE


class RecordingOut(BaseModel):
    """The recording that runs, or the last one; `problem` is what ended it, if it did not end as asked."""

    running: bool = False
    path: str = ""
    frames: int = 0
    bytes: int = 0
    dropped: int = 0
    problem: str = ""
    fix: str = ""


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
    )


class AcquisitionOut(BaseModel):
    """What the machine is set to; null where it does not say."""

    depth_mm: float | None = None
    gain_db: float | None = None
    frequency_mhz: float | None = None
    focus_mm: float | None = None
    mechanical_index: float | None = None
    thermal_index: float | None = None
    preset: str | None = None


class AcquisitionIn(BaseModel):
    """What to set; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    depth_mm: float | None = Field(None, gt=0, le=500)
    gain_db: float | None = Field(None, ge=-100, le=200)
    frequency_mhz: float | None = Field(None, gt=0, le=100)
    focus_mm: float | None = Field(None, gt=0, le=500)
    preset: str | None = Field(None, max_length=100)

    @property
    def settings(self) -> AcquisitionSettings:
        return AcquisitionSettings(**self.model_dump())


class CountsOut(BaseModel):
    """received = read + dropped + at most the frames in flight."""

    received: int
    read: int
    dropped: dict[str, int]


class SourceOut(BaseModel):
    """Where the frames come from and how that goes. `simulated` is true if the source makes its pixels up.

    `reason` is the code of what is wrong, empty while nothing is; docs/tester.md lists them all.
    """

    state: SourceState
    url: str
    name: str
    origin: Origin | None
    simulated: bool
    device: str
    firmware: str
    serial_number: str
    losses: dict[str, int]
    reason: str
    problem: str
    fix: str


def reasons_of(quality: Quality) -> list[ReasonOut]:
    return [ReasonOut(code=r.code, spoils=r.spoils, measured=r.measured, limit=r.limit, advice=r.advice) for r in quality.reasons]


def reading_of(observation: Observation) -> ReadingOut:
    reading, times, release = observation.reading, observation.reading.times, observation.release
    return ReadingOut(
        sequence=reading.sequence,
        captured_us=observation.frame.captured_us,
        simulated=reading.simulated,
        model=reading.model,
        release=release.ident,
        novelty=round(reading.novelty, 4),
        novel=reading.novelty > release.novelty.limit,
        good=observation.quality.good,
        quality=round(observation.quality.score, 1),
        reasons=reasons_of(observation.quality),
        region=observation.seen.region,
        field_mm=observation.seen.field.side_mm,
        findings=[_finding(label, score) for label, score in zip(release.findings, reading.scores, strict=True)],
        stages_ms=StagesOut(prepare=times.prepare_ns / 1e6, invoke=times.invoke_ns / 1e6, interpret=times.interpret_ns / 1e6),
        latency_ms=round(observation.latency_ms, 3),
    )


def counts_of(view: ApplianceView) -> CountsOut:
    counts = view.counts
    return CountsOut(received=counts.received, read=counts.read, dropped=counts.dropped)


def source_of(view: ApplianceView) -> SourceOut:
    status = view.source_status()
    info = status.info
    return SourceOut(
        state=status.state,
        url=status.url,
        name=info.name if info else "",
        origin=info.origin if info else None,
        simulated=info is not None and info.simulated,
        device=info.device if info else "",
        firmware=info.firmware if info else "",
        serial_number=info.serial_number if info else "",
        losses={loss.cause: loss.frames for loss in status.losses},
        reason=status.reason,
        problem=status.problem,
        fix=status.fix,
    )


def _finding(label: FindingLabel, score: Score) -> FindingOut:
    said = label.set_of(score.probability)
    return FindingOut(key=label.key, name=label.name, probability=round(score.probability, 4), set=list(said))
