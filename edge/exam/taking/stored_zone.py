"""The records of a zone after its clip is stored: the durable clip, and each finding that the protocol asks for."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Literal

from edge.disk.digest import digest_of
from edge.exam.clip import ClipFinding
from edge.exam.exam import Exam
from edge.exam.exam_file import not_stored, settle
from edge.exam.taking.capture import Window
from edge.exam.taking.take import Take
from edge.exam.taking.zone_taking import ZoneTaking
from edge.exam.verdict import verdicts_of
from edge.people.actor import Actor
from edge.people.permission import Permission, Verb
from edge.records.audit.entry import Detail
from edge.records.exams.assessment import Assessment
from edge.records.exams.clips import NewClip
from edge.records.exams.finding import NewFinding
from edge.records.exams.forms import Step
from firmware_bridge.errors import DiskRefuses
from firmware_bridge.recorder import RecordingStatus
from firmware_bridge.says import says_of

How = Literal["itself", "operator"]


class ClipNotWhole(DiskRefuses):
    """Frames of a zone are missing from its recording; the clip is stored anyway, and its audit entry states how many."""

    code = "clip-not-whole"


@dataclass(frozen=True, slots=True)
class Keeping:
    """What to store of a zone: the frames of a window; `by` an operator, or automatically if None."""

    taking: ZoneTaking
    take: Take
    window: Window
    by: Actor | None = None

    @property
    def how(self) -> How:
        return "operator" if self.by else "itself"

    @property
    def overridden(self) -> tuple[str, ...]:
        return tuple(code.value for code in self.taking.gate.overridden)


@dataclass(frozen=True, slots=True)
class ClosedZone:
    """The exam afterwards, and everything that is recorded in one transaction."""

    exam: Exam
    step: Step
    clip: NewClip
    findings: tuple[NewFinding, ...]
    simulated: bool


def close_zone(exam: Exam, zone: str, keeping: Keeping, recorded: RecordingStatus | None) -> ClosedZone:
    """Closes the selected zone with its recording.

    Raises:
        ExamNotStored: the disk refuses the recording.
    """
    finding = keeping.take.finding(keeping.window)
    clip = clip_of(zone, keeping, recorded, finding)
    after = exam.keep(keeping.overridden)
    stated = findings_of(finding, exam.protocol.acquisition(zone).findings, keeping.take.release.ident if keeping.take.release else "")
    qualified = keeping.by is None or keeping.by.permission(Verb.SCAN, exam.protocol.id) is Permission.ALLOW
    detail: Detail = {"zone": zone, "by": clip.by, "file": clip.file, "sha256": clip.sha256, "quality": clip.quality, **_missing(recorded)}
    return ClosedZone(after, Step("zone.kept", detail, after.as_record(), qualified), clip, stated, finding.simulated)


def not_whole(zone: str, recorded: RecordingStatus | None) -> ClipNotWhole | None:
    """The error to show if a recording lacks frames of its zone; None if it is complete."""
    if not _missing(recorded) or recorded is None:
        return None
    what = f"The recording of zone {zone} is incomplete: {recorded.dropped} frames are missing"
    if recorded.problem is None:
        return ClipNotWhole(
            f"{what}, because the disk was too slow", "Take the zone again if its clip is too short", says="clip_incomplete"
        )
    return ClipNotWhole(f"{what}; {recorded.problem.what}", recorded.problem.fix, says="clip_stopped")


def _missing(recorded: RecordingStatus | None) -> Detail:
    """For the audit entry of a zone with an incomplete recording."""
    if recorded is None or (not recorded.dropped and recorded.problem is None):
        return {}
    return {"frames_missing": recorded.dropped, "recording_problem": recorded.problem.code if recorded.problem else ""}


def clip_of(zone: str, keeping: Keeping, recorded: RecordingStatus | None, finding: ClipFinding) -> NewClip:
    """The clip; its file, if any, has its final name when this returns, and survives a power cut.

    Raises:
        ExamNotStored: the disk refuses it.
    """
    file, sha256, size = "", "", 0
    if recorded is not None:
        settled = settle(recorded.path)
        try:
            file, sha256, size = settled.name, digest_of(settled), settled.stat().st_size
        except OSError as error:
            raise not_stored(settled, error) from error
    window = keeping.window
    return NewClip(
        zone=zone,
        file=file,
        sha256=sha256,
        bytes=size,
        first=window.first,
        last=window.last,
        by=keeping.how,
        overridden=keeping.overridden,
        quality=window.score,
        assessment=assessment_of(finding),
    )


def assessment_of(finding: ClipFinding) -> Assessment:
    """The record of a clip besides its findings."""
    shared = {each.name: getattr(finding, each.name) for each in fields(Assessment) if each.name not in ("weighed_most", "says")}
    weighed_most = {score.finding: score.weighed_most for score in finding.scores}
    return Assessment(**shared, weighed_most=weighed_most, says=says_of(finding.advice))


def findings_of(answer: ClipFinding, wanted: Collection[str], release: str) -> tuple[NewFinding, ...]:
    """What `release` states of each `wanted` finding; each is unsure if the clip cannot be assessed."""
    verdicts = verdicts_of(answer)
    return tuple(
        NewFinding(
            key=score.finding,
            release=release,
            probability=score.probability,
            logit=score.logit,
            prediction=score.set,
            verdict=verdicts[score.finding].value,
            reason=answer.reason or "",
            code=answer.code,
            novelty=answer.novelty,
        )
        for score in answer.scores
        if score.finding in wanted
    )
