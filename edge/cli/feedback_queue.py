"""`sonoedge feedback queue`: where the answers on exams differ, and the root causes that people stated."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from edge.cli.audit import records
from edge.cli.exam_records import AsJson
from edge.cli.exam_services import shell_actor
from edge.cli.own import own_settings
from edge.cli.protocol import catalogue
from edge.exam.verdict import WORDS
from edge.feedback.agreement import LEAST, shown_count
from edge.feedback.discordance.cause import SENTENCES, RootCause
from edge.feedback.discordance.difference import By, Kind, Statement
from edge.notice import NOTICE
from edge.people.actor import Actor
from edge.people.policy import load_policy
from edge.services.discordance import DiscordanceService, Listed
from edge.services.review import ReviewService, rule_of

AT_ONCE = 200
KINDS = {
    Kind.OPPOSED: "present against absent",
    Kind.OUTCOME: "the sign against what turned out",
    Kind.UNSURE: "can't tell against an answer",
}
SOURCES = {
    By.MODEL: "the model",
    By.DECISION: "{who}, decision on the model's answer",
    By.REVIEW: "{who}, review",
    By.OVER_READ: "{who}, over-read",
    By.OUTCOME: "what turned out: {who}, by {reference}",
}

All = Annotated[bool, typer.Option("--all", help="Also those where somebody could not tell, and the closed ones.")]


def queue(all_: All = False, as_json: AsJson = False) -> None:
    """List where the answers on exams differ: present against absent, and not closed yet. Research use, not a diagnosis."""
    settings, actor, protocols = own_settings(), shell_actor(), catalogue()
    with records() as store:
        reviews = ReviewService(store, protocols, rule_of(load_policy(settings.data_dir)))
        service = DiscordanceService(store, protocols, reviews)
        found = [*_listed(service, actor, None if all_ else Kind.OPPOSED)]
        found += _listed(service, actor, None, closed=True) if all_ else []
        causes = service.causes(actor)
    typer.echo(json.dumps(_ready(found, causes), default=str) if as_json else "\n".join(_lines(found, causes)))


def _listed(service: DiscordanceService, actor: Actor, kind: Kind | None, *, closed: bool = False) -> Iterator[Listed]:
    page = service.queue(actor, AT_ONCE, None, kind, closed=closed)
    yield from page.items
    while page.after is not None:
        page = service.queue(actor, AT_ONCE, page.after, kind, closed=closed)
        yield from page.items


def _ready(found: list[Listed], causes: dict[RootCause, int]) -> dict[str, object]:
    items = [{**asdict(each.difference), "closed": each.closed, "closing": each.closing and asdict(each.closing)} for each in found]
    return {
        "differences": items,
        "causes": {cause: shown_count(count) for cause, count in causes.items()},
        "least": LEAST,
        "notice": NOTICE,
    }


def _lines(found: list[Listed], causes: dict[RootCause, int]) -> Iterator[str]:
    yield f"Where the answers on exams differ. {NOTICE}"
    for each in found:
        yield ""
        yield from _difference(each)
    if not found:
        yield "No difference is open."
    yield ""
    yield "Root causes of the closed differences:"
    yield from (f"  {cause.value}: {_count(count)}  ({SENTENCES[cause]})" for cause, count in causes.items())


def _difference(listed: Listed) -> Iterator[str]:
    each, last = listed.difference, listed.closing
    place = f"zone {each.zone}" if each.zone else "whole exam"
    yield f"exam {each.exam_id}  {listed.exam.begun_at:%Y-%m-%d %H:%M} UTC  {place}  {each.finding}: {KINDS[each.kind]}"
    yield from (f"  {_statement(one)}" for one in each.statements)
    if last is not None:
        when, note = "closed" if listed.closed else "closed before", f": {last.note}" if last.note else ""
        yield f"  {when} as {last.cause} by {last.closed_by}{note}"
    if last is not None and last.withdrawn_by is not None:
        yield f"  opened again by {last.withdrawn_by}: {last.why}"


def _statement(one: Statement) -> str:
    source = SOURCES[one.by].format(who=one.who, reference=one.reference)
    blind = ", without the model's answer in view" if one.blind else ""
    return f"{WORDS[one.answer]}: {source}{blind}{f' ({one.mark})' if one.mark else ''}"


def _count(count: int) -> str:
    return f"fewer than {LEAST}" if shown_count(count) is None else str(count)
