"""What `sonoedge provision` states of an outcome: on the screen, on the stick, and by its exit status."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import typer

from edge.cli.provision_board import Installed, explained, utc
from edge.cli.provision_stick import folder_of
from provisioning.boot.record import Event
from provisioning.codes import ProvisionRefused
from provisioning.update.outcome import Outcome, leave


def tell(board: Installed, event: Event | None, where: str | None, *, as_json: bool) -> None:
    """States an event on the screen, and on the stick. Exit status 1 if it is a failure."""
    if event is None:
        return
    if as_json:
        typer.echo(json.dumps(asdict(event)))
    else:
        typer.echo(explained(event.code, event.what))
    if where is not None:
        left_on(where, Outcome.of(event.code, event.what, board.device_id, utc()))
    if event.code.startswith("E-"):
        raise typer.Exit(1)


@contextmanager
def leaving(board: Installed, where: str) -> Iterator[None]:
    """A refusal is left on the stick, too, before it is an error."""
    try:
        yield
    except ProvisionRefused as refused:
        left_on(where, Outcome.of(refused.cause, refused.what, board.device_id, utc(), refused.fix))
        raise


def left_on(where: str, outcome: Outcome) -> None:
    """Leaves a result on the stick, and states where."""
    try:
        mounted: Path | None = folder_of(where)
    except ProvisionRefused:  # there is no stick, which the refusal itself states
        return
    if mounted is None:
        return
    left = leave(outcome, mounted)
    stated = f"result: {left / 'result.html'}" if left else f"{mounted} takes no writes: the result is only here"
    typer.echo(stated, err=True)
