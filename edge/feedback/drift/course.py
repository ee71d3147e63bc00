"""The course of the watch of a release: its exams go by one after another; first they become the reference, then they are watched."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf

import numpy as np

from edge.feedback.drift.errors import ReferenceRefused, SignalsRefused
from edge.feedback.drift.exams import ClipSignals, clip_signals, names_of, outputs_of, signals_of
from edge.feedback.drift.figures import DriftFigures, EvidenceFigures, Line, ReferenceFigures, State
from edge.feedback.drift.measure import Way
from edge.feedback.drift.reference import Reference
from edge.feedback.drift.timeline import Periods, Stays, Watched
from edge.feedback.drift.verdict import WATCH_FROM, Drift, Evidence, Verdict
from edge.feedback.drift.watch import Watch
from edge.inference.statistics import Numbers
from edge.records.exams.clip_answers import ClipsOfExam

REFERENCE_EXAMS = 150
"""A release brings no reference of its own yet, so the first exams here are taken; see docs/feedback.md for what other numbers cost."""
MOST_LINES, MOST_POINTS = 4, 120
"""Of the picture: the charts with the highest scores, and parts of the exams, each with its highest score."""
STATES = {Drift.STEADY: State.STEADY, Drift.WATCH: State.WATCH, Drift.STOP: State.STOP}


@dataclass(frozen=True, slots=True)
class Seen:
    """An exam of the reference."""

    begun_at: datetime
    clips: tuple[ClipSignals, ...]


class Course:
    """Takes every exam of a release, in their order."""

    def __init__(self, periods: Periods, wanted: int = REFERENCE_EXAMS) -> None:
        self._periods, self._wanted = periods, wanted
        self._stays = Stays()
        self._collected: list[Seen] = []
        self._names = frozenset[str]()
        self._reference: Reference | None = None
        self._refused = False
        self._watch: Watch | None = None
        self._watched, self._shares = Watched(), list[Numbers]()
        self._same_stay = self._unusable = 0

    def add(self, exam: ClipsOfExam) -> None:
        """Adds the next exam."""
        begins = self._stays.begins(exam)
        if exam.id < self._periods.reference_from:
            return
        if not begins:
            self._same_stay += 1
            return
        clips = tuple(clip_signals(each.assessment, each.probabilities) for each in exam.clips)
        if len(self._collected) < self._wanted:
            self._collect(exam, clips)
        elif self._reference is not None and self._watch is not None and exam.id > self._periods.watch_after:
            self._watch_exam(self._reference, self._watch, exam, clips)

    def figures(self, release: str, at: datetime, counted: int) -> DriftFigures:
        """What was found."""
        found = DriftFigures(
            release=release,
            at=at,
            counted=counted,
            decision=self._periods.decision,
            state=State.NO_REFERENCE if self._refused else State.COLLECTING,
            reference=self._reference_figures(),
            same_stay=self._same_stay,
            unusable=self._unusable,
        )
        if self._reference is None or self._watch is None:
            return found
        verdict = Verdict.of(self._watch, self._reference)
        more = {
            "state": STATES[verdict.drift],
            "exams": verdict.exams,
            "evidence": tuple(self._evidence(each) for each in verdict.evidence),
            "unmeasured": verdict.unmeasured,
            "at_exams": self._at_exams,
            "lines": tuple(self._lines(self._reference)),
        }
        if self._watched.ids:
            more |= {"exam_id": self._watched.ids[-1], "begun": self._watched.begun[0], "ended": self._watched.begun[-1]}
        return found.model_copy(update=more)

    def _collect(self, exam: ClipsOfExam, clips: tuple[ClipSignals, ...]) -> None:
        self._collected.append(Seen(exam.begun_at, clips))
        if len(self._collected) < self._wanted:
            return
        self._names = names_of(clip for each in self._collected for clip in each.clips)
        signals = [signals_of(each.clips, self._names) for each in self._collected]
        try:
            self._reference = Reference.of(signals, outputs_of(signals))
        except (ReferenceRefused, SignalsRefused):
            self._refused = True
        else:
            self._watch = Watch.new(self._reference)

    def _watch_exam(self, reference: Reference, watch: Watch, exam: ClipsOfExam, clips: tuple[ClipSignals, ...]) -> None:
        try:
            stepped = watch.stepped(reference, signals_of(clips, self._names))
        except SignalsRefused:
            self._unusable += 1
            return
        if stepped.exams > watch.exams:
            self._watch = stepped
            self._watched.add(exam)
            self._shares.append(np.array([score / chart.limit for score, chart in zip(stepped.scores, reference.charts, strict=True)]))

    def _reference_figures(self) -> ReferenceFigures:
        begun = [each.begun_at for each in self._collected]
        ends = {"begun": begun[0], "ended": begun[-1]} if begun else {}
        return ReferenceFigures(exams=len(begun), wanted=self._wanted, renewed=self._periods.renewed, **ends)

    def _evidence(self, each: Evidence) -> EvidenceFigures:
        since = self._unlike_since() if each.way is Way.UNLIKE else each.since
        return EvidenceFigures(
            channel=each.channel,
            way=each.way,
            share=each.share,
            size=each.size,
            since=since,
            since_at=self._watched.begun[since - 1],
            since_exam_id=self._watched.ids[since - 1],
        )

    def _unlike_since(self) -> int:
        """The score of the features is never 0: they are unlike since it was last below half of the line from which people look."""
        low = np.flatnonzero(np.array([shares[-1] for shares in self._shares]) < WATCH_FROM / 2)
        return min(int(low[-1]) + 2, len(self._shares)) if low.size else 1

    @property
    def _bins(self) -> list[np.ndarray]:
        count = len(self._shares)
        return np.array_split(np.arange(count), min(count, MOST_POINTS)) if count else []

    @property
    def _at_exams(self) -> tuple[int, ...]:
        return tuple(int(part[-1]) + 1 for part in self._bins)

    def _lines(self, reference: Reference) -> Iterator[Line]:
        if not self._shares:
            return
        shares = np.array(self._shares)
        for number in np.argsort(-shares[-1], kind="stable")[:MOST_LINES]:
            chart = reference.charts[number]
            if chart.limit < inf:
                points = tuple(round(float(shares[part, number].max()), 3) for part in self._bins)
                yield Line(channel=chart.channel, way=chart.way, shares=points)
