"""Whether the release in use still sees what it saw in its reference: the verdict with its evidence, and what people decide about it."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.feedback.drift.figures import EvidenceFigures, Line, ReferenceFigures, State
from edge.notice import NOTICE
from edge.people.actor import Actor
from edge.records.drift.events import Decision, DriftEvent
from edge.services.drift import LONGEST_REASON, DriftStatus, NewDecision

EXAM = "0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a12"
SINCE: JsonDict = {"since": 12, "since_at": "2026-11-20T08:00:00Z", "since_exam_id": EXAM}
EVIDENCE: JsonDict = {"channel": "bright", "way": "higher", "share": 1.04, "size": 0.9, **SINCE}
DECIDED: JsonDict = {
    "decision": "watch-again",
    "reason": "The gain was wrong. It is corrected",
    "release": "lung-m-0.3.2",
    "exam_id": EXAM,
}
EXAMPLE: JsonDict = {
    "release": "lung-m-0.3.2",
    "state": "stop",
    "abstains": False,
    "about": EXAM,
    "evidence": [EVIDENCE],
    "watch": {
        "at": "2026-11-30T22:00:00Z",
        "reference": {"exams": 150, "wanted": 150, "begun": "2026-10-01T08:00:00Z", "ended": "2026-11-03T16:00:00Z", "renewed": False},
        "exams": 41,
        "begun": "2026-11-04T08:00:00Z",
        "ended": "2026-11-30T16:00:00Z",
        "same_stay": 9,
        "unusable": 0,
        "unmeasured": [],
        "at_exams": [1, 2],
        "lines": [{"channel": "bright", "way": "higher", "shares": [0.2, 0.3]}],
    },
    "events": [{"act": "stopped", "at": "2026-11-30T22:00:00Z", "by": "appliance", "reason": ""}],
    "running": False,
    "done": 0,
    "of": 0,
    "failed": False,
    "notice": NOTICE,
}


class WatchOut(BaseModel):
    """The watch, computed `at`: its reference, and the exams watched since, from `begun` to `ended`.

    `same_stay` exams follow another one of the same patient, and do not count, nor do `unusable` ones. `unmeasured` are channels that no
    exam measures any more. `lines` are the highest scores in parts of their limits, at each exam of `at_exams`.
    """

    at: datetime
    reference: ReferenceFigures
    exams: int
    begun: datetime | None
    ended: datetime | None
    same_stay: int
    unusable: int
    unmeasured: tuple[str, ...]
    at_exams: tuple[int, ...]
    lines: tuple[Line, ...]


class EventOut(BaseModel):
    """The model was `stopped`, or a person decided."""

    act: str
    at: datetime
    by: str
    reason: str


class DriftOut(BaseModel):
    """`state` is null before the first computation. A decision names the `release` and the exam `about`, null: there is nothing to decide.

    `abstains`: the model states nothing until a person decides. `evidence` has the strongest first, `events` the newest. `running`: the
    watch is computed now, with `done` exams read `of` all; `failed`: the last attempt ended early.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    release: str
    state: State | None
    abstains: bool
    about: str | None
    evidence: tuple[EvidenceFigures, ...]
    watch: WatchOut | None
    events: tuple[EventOut, ...]
    running: bool
    done: int
    of: int
    failed: bool
    notice: str = NOTICE


class DecisionIn(BaseModel):
    """`new-reference`: the model is right here, and the exams since the change are its new reference.

    Until they are enough, it is not watched. `watch-again`: the cause is corrected, or it was a false alarm, and a new watch begins with
    the same reference.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [DECIDED]})

    decision: Decision
    reason: Annotated[str, Field(max_length=LONGEST_REASON)]
    release: Annotated[str, Field(max_length=120)]
    exam_id: Annotated[str, Field(max_length=36)]


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/drift", summary="Whether the model in use still sees what it saw in its reference, with the evidence")
    def drift(who: Who) -> DriftOut:
        return _out(view, who)

    @routes.post("/drift/decisions", status_code=HTTPStatus.CREATED, summary="Decide about the verdict watch or stop")
    def decide(who: Who, given: DecisionIn) -> DriftOut:
        view.drift.decide(who, NewDecision(given.decision, given.reason, given.release, given.exam_id))
        return _out(view, who)


def _out(view: ApplianceView, who: Actor) -> DriftOut:
    status, work = view.drift.status(who), view.drift.work(who)
    return DriftOut(
        release=status.release,
        state=status.state,
        abstains=status.abstains,
        about=status.about,
        evidence=status.evidence,
        watch=_watch(status),
        events=tuple(_event(each) for each in reversed(status.events)),
        running=work.running,
        done=work.done,
        of=work.of,
        failed=work.failed,
    )


def _watch(status: DriftStatus) -> WatchOut | None:
    if status.figures is None:
        return None
    return WatchOut(**{name: getattr(status.figures, name) for name in WatchOut.model_fields})


def _event(event: DriftEvent) -> EventOut:
    return EventOut(act=event.act, at=event.at, by=event.by, reason=event.reason)
