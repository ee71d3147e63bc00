"""The answer of a reader on an exam: its content, whether it fits the protocol, and where it differs from earlier answers."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Annotated

from pydantic import Field

from edge.exam.exam import Exam
from edge.exam.protocol.protocol import WORST, Data, FindingKey
from edge.exam.review.image_scale import SCALES, ImageScale
from edge.exam.verdict import Verdict
from edge.records.exams.reviews import StoredReview
from edge.records.exams.states import Done
from firmware_bridge.errors import Conflict

LONGEST_COMMENT = 2000

Answers = Mapping[str, Mapping[str, str]]
"""By zone and finding: `present`, `absent`, or another word for "cannot tell"."""


class ReviewKind(str, Enum):
    """A first read is an interpreter's, before the report is signed; an over-read is a second read of a sampled report."""

    FIRST = "first"
    OVER_READ = "over-read"


class ReaderVerdict(str, Enum):
    PRESENT = "present"
    ABSENT = "absent"
    NOT_ASSESSABLE = "not assessable"


class ReviewRefused(Conflict):
    """The review cannot begin, or cannot be saved in this form."""

    code = "review-refused"
    says_code = "review_refused"


class ZoneReading(Data):
    """What the reader sees in one zone; without a `score` the reader gives none."""

    findings: Annotated[Mapping[FindingKey, ReaderVerdict], Field(min_length=1)]
    score: Annotated[int, Field(ge=0, le=WORST)] | None = None


class ImageQuality(Data):
    """A score on a version of a published scale; it is never rewritten when the scale changes."""

    scale: Annotated[str, Field(max_length=40)]
    version: Annotated[str, Field(max_length=20)]
    value: int


class ReviewAnswer(Data):
    """A review as it is saved: every recorded zone, the image quality, and a comment of the reader."""

    zones: Mapping[str, ZoneReading]
    quality: ImageQuality
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT)] = ""

    @property
    def answers(self) -> Answers:
        return {zone: {key: verdict.value for key, verdict in reading.findings.items()} for zone, reading in self.zones.items()}


def answer_of(review: StoredReview) -> ReviewAnswer:
    """The answer of a saved review."""
    return ReviewAnswer.model_validate({"zones": review.zones, "quality": review.quality, "comment": review.comment})


def fitting(answer: ReviewAnswer, exam: Exam) -> ReviewAnswer:
    """Checks that the answer states every finding of every recorded zone, and of no other zone.

    Raises:
        ReviewRefused: it does not, or the quality is not on a known scale.
    """
    recorded = {zone for zone, state in exam.zones.items() if isinstance(state, Done)}
    if left_out := sorted(recorded - answer.zones.keys()):
        raise ReviewRefused(
            f"Nothing is stated of {', '.join(left_out)}", "State the findings of each recorded zone, or that it is not assessable"
        )
    if unseen := sorted(answer.zones.keys() - recorded):
        raise ReviewRefused(f"{', '.join(unseen)} was not recorded", "Leave it out of the review")
    for zone, reading in answer.zones.items():
        wanted: set[str] = set(exam.protocol.acquisition(zone).findings)
        if wanted != set(reading.findings):
            raise ReviewRefused(f"The findings of {zone} are not those of the protocol", f"State each of {', '.join(sorted(wanted))}")
    _scale(answer.quality)
    return answer


def discordant(reader: Answers, other: Answers) -> list[str]:
    """`zone:finding` where the two differ, in the order of the reader. An answer "cannot tell" contradicts nothing."""
    return [
        f"{zone}:{key}"
        for zone, findings in reader.items()
        for key, verdict in findings.items()
        if _differ(verdict, other.get(zone, {}).get(key, Verdict.UNSURE))
    ]


def merged(codes: Iterable[Iterable[str]]) -> list[str]:
    """Each code once, in order."""
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
