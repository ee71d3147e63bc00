"""`sonoedge feedback drift`: whether the model still sees what it saw in its reference, with the evidence. Nothing is stored."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer

from edge.cli.audit import records
from edge.cli.columns import columns
from edge.cli.exam_records import AsJson
from edge.cli.progress import counted_exams
from edge.feedback.drift.compute import drift_of
from edge.feedback.drift.figures import DriftFigures, State
from edge.feedback.drift.words import channel_words, sentence
from edge.notice import NOTICE
from edge.records.drift.events import STOPPED, DriftEvent, DriftEvents
from edge.records.errors import RecordUnknown
from edge.records.exams.clip_answers import newest_release

Release = Annotated[str | None, typer.Option(help="The release to watch; without it, that of the newest answer.")]
STATED = {
    State.COLLECTING: "The reference is being collected",
    State.NO_REFERENCE: "No verdict: the exams of the reference measure nothing in common",
    State.STEADY: "Steady",
    State.WATCH: "Watch: look at the evidence",
    State.STOP: "Stop: a person decides on the feedback page",
}


def drift(release: Release = None, as_json: AsJson = False) -> None:
    """State whether the model still sees what it saw in its reference. Research use, not a diagnosis."""
    with records() as store:
        ident = release or newest_release(store)
        if ident is None:
            raise RecordUnknown("No exam of a patient with an answer of the model has ended yet", "Take exams first")
        found, events = counted_exams(drift_of(store, ident)), DriftEvents(store).of(ident)
    if as_json:
        decided = [{"act": each.act, "at": each.at.isoformat(), "by": each.by, "reason": each.reason} for each in events]
        typer.echo(json.dumps({**found.model_dump(mode="json"), "events": decided, "notice": NOTICE}))
    else:
        typer.echo("\n".join(_lines(found, events)))


def _lines(found: DriftFigures, events: tuple[DriftEvent, ...]) -> Iterator[str]:
    stopped = bool(events) and events[-1].act == STOPPED
    yield f"{STATED[State.STOP if stopped else found.state]}. {found.release}, computed {found.at:%Y-%m-%d %H:%M} UTC. {NOTICE}"
    reference = found.reference
    since = f", begun {reference.begun:%Y-%m-%d}" if reference.begun else ""
    yield f"Reference: {reference.exams} of {reference.wanted} exams{since}. Watched since then: {found.exams} exams."
    if found.same_stay:
        yield f"Not counted, because another exam of the same stay is: {found.same_stay}."
    if found.unusable:
        yield f"Not counted, because the figures of the exam do not fit the reference: {found.unusable}."
    yield from (f"- {sentence(each)}" for each in found.evidence)
    yield from (f"- No exam measures {channel_words(each)} any more" for each in found.unmeasured)
    if events:
        yield from columns([("on (UTC)", "what", "by", "reason"), *((f"{e.at:%Y-%m-%d %H:%M}", e.act, e.by, e.reason) for e in events)])
