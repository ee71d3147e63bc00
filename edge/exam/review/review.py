"""A reader's own answer on an exam: what it holds, whether it fits the protocol, and where it differs from what was stated before."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Annotated

from pydantic import Field

from edge.exam.exam import Exam
from edge.exam.protocol.protocol import WORST, Data, FindingKey
from edge.exam.review.image_scale import SCALES, ImageScale
from edge.exam.verdict import Verdict
from edge.records.exams.states import Done
from firmware_bridge.errors import Conflict

LONGEST_COMMENT = 2000

Answers = Mapping[str, Mapping[str, str]]
"""By zone and finding: what somebody stated of it, `present`, `absent`, or anything else for "cannot tell"."""


class ReviewKind(str, Enum):
    """A first read is an interpreter's, before the report is signed; an over-read is a second look at one that was sampled."""

    FIRST = "first"
    OVER_READ = "over-read"


class ReaderVerdict(str, Enum):
    PRESENT = "present"
    ABSENT = "absent"
    NOT_ASSESSABLE = "not assessable"


class ReviewRefused(Conflict):
    """The review cannot be begun or saved as it is."""

    code = "review-refused"


class ZoneReading(Data):
    """What the reader sees in one zone; without a `score` the reader gives none."""

    findings: Annotated[Mapping[FindingKey, ReaderVerdict], Field(min_length=1)]
    score: Annotated[int, Field(ge=0, le=WORST)] | None = None


class ImageQuality(Data):
    """A score on a published scale, and on which version of it: a score is never rewritten when a scale changes."""

    scale: Annotated[str, Field(max_length=40)]
    version: Annotated[str, Field(max_length=20)]
    value: int


class ReviewAnswer(Data):
    """A review as it is saved: every recorded zone, the quality of the images, and words of the reader's own."""

    zones: Mapping[str, ZoneReading]
    quality: ImageQuality
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT)] = ""

    @property
    def answers(self) -> Answers:
        return {zone: {key: verdict.value for key, verdict in reading.findings.items()} for zone, reading in self.zones.items()}


def fitting(answer: ReviewAnswer, exam: Exam) -> ReviewAnswer:
    """The answer, which tells every finding of every zone that was recorded, and of no other.

    Raises:
        ReviewRefused: it does not; or the quality is not on a scale that is known.
    """
    recorded = {zone for zone, state in exam.zones.items() if isinstance(state, Done)}
    if left_out := sorted(recorded - answer.zones.keys()):
        raise ReviewRefused(
            f"Nothing is stated of {', '.join(left_out)}", "State of each recorded zone what is there, or that it is not assessable"
        )
    if unseen := sorted(answer.zones.keys() - recorded):
        raise ReviewRefused(f"{', '.join(unseen)} was not recorded", "Leave it out: there is nothing to read")
    for zone, reading in answer.zones.items():
        wanted: set[str] = set(exam.protocol.acquisition(zone).findings)
        if wanted != set(reading.findings):
            raise ReviewRefused(f"The findings of {zone} are not those of the protocol", f"Tell each of {', '.join(sorted(wanted))}")
    _scale(answer.quality)
    return answer


def discordant(reader: Answers, other: Answers) -> list[str]:
    """`zone:finding` where the two differ, in the reader's order. Who could not tell is not contradicted by somebody who can."""
    return [
        f"{zone}:{key}"
        for zone, findings in reader.items()
        for key, verdict in findings.items()
        if _differ(verdict, other.get(zone, {}).get(key, Verdict.UNSURE))
    ]


def merged(codes: Iterable[Iterable[str]]) -> list[str]:
    """Each code once, in the order in which they come."""
    return list(dict.fromkeys(code for each in codes for code in each))


def _differ(verdict: str, other: str) -> bool:
    settled = (Verdict.PRESENT, Verdict.ABSENT)
    return other in settled and verdict != other


def _scale(quality: ImageQuality) -> ImageScale:
    known = SCALES.get((quality.scale, quality.version))
    if known is None:
        named = ", ".join(f"{scale} {version}" for scale, version in SCALES)
        raise ReviewRefused(f"There is no image quality scale {quality.scale} {quality.version}", f"Use one of {named}")
    if quality.value not in known.points:
        raise ReviewRefused(f"{quality.value} is not on the scale {quality.scale}", f"Give {min(known.points)} to {max(known.points)}")
    return known
