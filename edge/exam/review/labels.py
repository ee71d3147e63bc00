"""The labels of a reviewed exam: what readers state of each zone. What the model alone states is no label."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.exam.review.review import ReaderVerdict, answer_of
from edge.exam.review.showing import NOT_REVIEWED
from edge.exam.verdict import Decidable, Verdict, stated
from edge.records.exams.finding import OPEN
from edge.records.exams.reviews import StoredReview, standing

Place = tuple[str, str]
"""A zone and the key of a finding."""


class Taken(Protocol):
    """The facts of an exam that count for its labels."""

    @property
    def operator_id(self) -> str | None: ...

    @property
    def state(self) -> str: ...


class Decided(Decidable, Protocol):
    """A finding of the model, and who decided on it when."""

    @property
    def zone(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def decided_by(self) -> str | None: ...

    @property
    def decided_at(self) -> datetime | None: ...

    @property
    def superseded_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Label:
    """`has`: the finding is present. `blind`: its reader stated that without the model's answer in view."""

    has: bool
    blind: bool


def labels_of(exam: Taken, findings: Sequence[Decided], reviews: Sequence[StoredReview]) -> Mapping[str, Mapping[str, Label | None]]:
    """The labels of an exam by zone and finding; None where readers contradict each other.

    They come from the saved reviews, and once the exam is signed from the decisions on the model's findings. Where blind readers state a
    finding, nobody else counts for it. "Cannot tell" is no label, and contradicts nothing.
    """
    by_place: defaultdict[Place, list[Label]] = defaultdict(list)
    for place, label in (*_reviewed(exam, findings, reviews), *_decided(exam, findings)):
        by_place[place].append(label)
    zones: defaultdict[str, dict[str, Label | None]] = defaultdict(dict)
    for (zone, key), labels in by_place.items():
        counting = [label for label in labels if label.blind] or labels
        zones[zone][key] = counting[0] if len(set(counting)) == 1 else None
    return zones


def _reviewed(exam: Taken, findings: Sequence[Decided], reviews: Sequence[StoredReview]) -> Iterator[tuple[Place, Label]]:
    for review in standing(reviews):
        blind = _was_blind(review, exam, findings)
        for zone, reading in answer_of(review).zones.items():
            for key, verdict in reading.findings.items():
                if verdict is not ReaderVerdict.NOT_ASSESSABLE:
                    yield (zone, key), Label(verdict is ReaderVerdict.PRESENT, blind)


def _decided(exam: Taken, findings: Sequence[Decided]) -> Iterator[tuple[Place, Label]]:
    """A decision is made on the model's answer, and holds once the exam is signed."""
    for finding in findings:
        decided = finding.superseded_at is None and finding.decision != OPEN and exam.state not in NOT_REVIEWED
        if decided and (verdict := stated(finding)) is not Verdict.UNSURE:
            yield (finding.zone, finding.key), Label(verdict is Verdict.PRESENT, blind=False)


def _was_blind(review: StoredReview, exam: Taken, findings: Sequence[Decided]) -> bool:
    """Not if its reader may have taken the exam, with the live readings on the page, or decided on a finding before."""
    if not review.blind or exam.operator_id in {None, review.reviewer_id} or review.saved_at is None:
        return False
    return not any(
        each.decided_by == review.reviewer and each.decided_at is not None and each.decided_at <= review.saved_at for each in findings
    )
