"""`sonoedge outbox`: what is sent to the hospital, and the acts on it. The appliance sends; these commands also work while it runs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from edge.cli.audit import records
from edge.cli.columns import columns
from edge.cli.exam_services import shell_actor
from edge.cli.own import own_settings
from edge.cli.protocol import catalogue
from edge.exam.stored import StoredExams
from edge.exchange.hand_over import HandOver, algorithm_on
from edge.health.log import set_up_log
from edge.inference.shelf import Shelf
from edge.people.actor import Actor
from edge.records.outbox.delivery import CANCELLED, CONFIRMED, STATES, DeliveredObject, Delivery
from edge.services.outbox import OutboxService
from edge.services.station import station_of
from firmware_bridge.errors import InputRefused

app = typer.Typer(help="List, show, retry and cancel what is sent to the hospital.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Id = Annotated[str, typer.Argument(metavar="DELIVERY", help="The id of a delivery of `sonoedge outbox list`, or the end of it.")]


class StateUnknown(InputRefused):
    """No delivery is ever in this state."""

    code = "state-unknown"


@app.callback()
def _log() -> None:
    set_up_log("warning")


@dataclass(frozen=True, slots=True)
class _Outbox:
    actor: Actor
    service: OutboxService


@contextmanager
def _outbox() -> Iterator[_Outbox]:
    """Raises RecordUnknown: nothing was ever recorded."""
    settings, protocols = own_settings(), catalogue()
    with records() as store:
        stored, shelf = StoredExams(store, settings.data.exams), Shelf.of(settings.data_dir)
        hand_over = HandOver(stored, protocols, station_of(settings.data), lambda ident: algorithm_on(shelf, ident))
        yield _Outbox(shell_actor(), OutboxService(stored, hand_over, settings.data))


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many of the newest deliveries.")] = 50,
    state: Annotated[list[str] | None, typer.Option(help=f"Only these states: {', '.join(STATES)}.")] = None,
    as_json: AsJson = False,
) -> None:
    """List deliveries, the last queued first."""
    for unknown in set(state or ()) - set(STATES):
        raise StateUnknown(f"There is no state {unknown}", f"Give one of {', '.join(STATES)}")
    with _outbox() as outbox:
        found = outbox.service.newest(outbox.actor, limit, states=state or ())
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], default=str))
        return
    head = ("delivery", "exam", "report", "peer", "state", "objects", "tries", "next try (UTC)", "answer")
    typer.echo("\n".join(columns([head, *map(_row, found)])) if found else "No delivery.")


@app.command()
def show(delivery: Id, as_json: AsJson = False) -> None:
    """Show one delivery: what was sent, and what the peer took and confirmed."""
    with _outbox() as outbox:
        shown, objects = outbox.service.get(outbox.actor, outbox.service.id_of(outbox.actor, delivery))
    if as_json:
        typer.echo(json.dumps({**asdict(shown), "manifest": [asdict(each) for each in objects]}, default=str))
    else:
        typer.echo("\n".join(_lines(shown, objects)))


@app.command()
def retry(delivery: Id, as_json: AsJson = False) -> None:
    """Try a delivery again at once, also one that was refused or cancelled. The appliance sends it within seconds."""
    with _outbox() as outbox:
        _print(outbox.service.retry(outbox.actor, outbox.service.id_of(outbox.actor, delivery)), as_json=as_json)


@app.command()
def cancel(delivery: Id, as_json: AsJson = False) -> None:
    """Cancel a delivery that the peer does not have yet."""
    with _outbox() as outbox:
        _print(outbox.service.cancel(outbox.actor, outbox.service.id_of(outbox.actor, delivery)), as_json=as_json)


def _print(delivery: Delivery, *, as_json: bool) -> None:
    typer.echo(json.dumps(asdict(delivery), default=str) if as_json else f"{delivery.id}: {delivery.state}")


def _counts(delivery: Delivery) -> str:
    taken = delivery.confirmed_objects if delivery.state == CONFIRMED else delivery.taken
    return f"{taken} of {delivery.objects}" if delivery.objects else ""


def _row(each: Delivery) -> tuple[str, ...]:
    at = f"{each.next_at:%Y-%m-%d %H:%M:%S}" if each.next_at else ""
    state = f"{each.state} by {each.ended_by}" if each.state == CANCELLED else each.state
    return each.id, each.exam_id, str(each.report), each.peer, state, _counts(each), str(each.attempts), at, each.answer


def _lines(shown: Delivery, objects: tuple[DeliveredObject, ...]) -> Iterator[str]:
    yield f"{shown.id}  report {shown.report} of exam {shown.exam_id} to {shown.peer}: {shown.state}"
    yield f"queued {shown.queued_at:%Y-%m-%d %H:%M:%S} UTC by {shown.queued_by}, {shown.attempts} tries"
    for what, at in (("sent", shown.sent_at), ("confirmed", shown.confirmed_at), ("next try", shown.next_at)):
        if at is not None:
            yield f"{what} {at:%Y-%m-%d %H:%M:%S} UTC"
    if shown.ended_at is not None:
        yield f"cancelled {shown.ended_at:%Y-%m-%d %H:%M:%S} UTC by {shown.ended_by}"
    if shown.answer:
        yield f"last answer: {shown.answer} ({shown.status})"
    if objects:
        yield ""
        head = ("object", "zone", "state", "answer", "UID")
        yield from columns([head, *((each.kind, each.zone, _state(each), each.answer, each.uid) for each in objects)])


def _state(each: DeliveredObject) -> str:
    return f"{each.state}, with a warning" if each.warned else each.state
