"""`sonoedge export`: exams on a stick for a receiver, and the reviews that come back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from edge.cli import export_key
from edge.cli.audit import records
from edge.cli.exam_services import shell_actor
from edge.cli.export_open import open_, sign
from edge.cli.own import own_settings
from edge.cli.progress import counting, working
from edge.cli.protocol import catalogue
from edge.exam.stored import StoredExams
from edge.exchange.hand_over import HandOver, algorithm_on
from edge.exchange.own_objects import own_objects
from edge.exchange.stick.receiver import load_receiver
from edge.health.log import set_up_log
from edge.inference.shelf import Shelf
from edge.notice import NOTICE
from edge.services.station import station_of
from edge.services.stick import StickService

INCOMPLETE = 1
"""Exit status where something is missing or refused."""

app = typer.Typer(help="Write exams to a stick for a receiver, open them there, and receive reviews.", no_args_is_help=True)
app.command("open")(open_)
app.command("sign")(sign)
app.add_typer(export_key.app, name="key", help="Make and show the keys of a receiver.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


@app.callback()
def _log() -> None:
    set_up_log("warning")


@contextmanager
def _service() -> Iterator[StickService]:
    """Raises RecordUnknown: nothing was ever recorded."""
    settings, protocols = own_settings(), catalogue()
    with records() as store:
        stored, shelf = StoredExams(store, settings.data.exams), Shelf.of(settings.data_dir)
        hand_over = HandOver(stored, protocols, station_of(settings.data), lambda ident: algorithm_on(shelf, ident))
        yield StickService(stored, protocols, settings.data, hand_over.of, partial(own_objects, settings.data_dir))


@app.command("stick")
def stick(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder at which the stick is mounted, or one on it.")],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The public key of the receiver, NAME.receiver.json.")],
    exams: Annotated[
        list[str] | None, typer.Argument(metavar="[EXAM]...", help="Ids of exams, or their ends; without one, every exam that was ended.")
    ] = None,
    same_disk: Annotated[bool, typer.Option("--same-disk", help="Accept a folder that is not on another disk.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write exams to a stick, encrypted for one receiver. After an interruption, run it again. Research use, not a diagnosis."""
    receiver = load_receiver(to)
    with _service() as service, counting("exams") as progress:
        written = service.export(shell_actor(), exams or (), folder, receiver, progress, same_disk=same_disk)
    if as_json:
        about = {"receiver": receiver.name, "fingerprint": receiver.fingerprint, "notice": NOTICE}
        lists = {"written": sorted(written.written), "there": sorted(written.there), "missing": written.missing}
        typer.echo(json.dumps({"bundle": str(written.bundle), **about, **lists}))
    else:
        counts = f"{len(written.written)} exams written, {len(written.there)} were there already"
        typer.echo(f"{written.bundle}: {counts}, for {receiver.name} (fingerprint {receiver.fingerprint})  {NOTICE}")
    for exam, lacking in written.missing.items():
        for each in lacking:
            typer.echo(f"{exam}: {each}", err=True)
    if written.missing:
        raise typer.Exit(INCOMPLETE)


@app.command("receive")
def receive(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder with the signed reviews, such as the stick.")],
    as_json: AsJson = False,
) -> None:
    """Add the reviews that a receiver sent back. Nothing that is recorded changes. The exit status is 1 if a review is refused."""
    with _service() as service, working("reading reviews"):
        received = service.receive(shell_actor(), folder)
    if as_json:
        typer.echo(json.dumps({"added": received.added, "there": received.there, "refused": received.refused}))
    else:
        typer.echo(f"{len(received.added)} reviews added, {len(received.there)} were recorded already, {len(received.refused)} refused")
    for review, why in received.refused.items():
        typer.echo(f"review {review}: {why}", err=True)
    if received.refused:
        raise typer.Exit(INCOMPLETE)
