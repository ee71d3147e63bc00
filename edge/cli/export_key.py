"""`sonoedge export key`: the keys of a receiver, made where the exams are read."""

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from edge.exchange.stick.receiver import DAYS, Receiver, load_receiver, make_receiver

LONGEST_DAYS = 3660

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the receiver, such as gondar-radiology.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Receives the three files; nothing is overwritten.")] = Path(),
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="How many days the key is valid.")] = DAYS,
) -> None:
    """Make the keys of a receiver: a public file for the boards, and two secret ones that stay here."""
    made = make_receiver(name, folder, datetime.now(timezone.utc), days)
    typer.echo("\n".join((*_lines(made.receiver), f"for the boards: {made.public}", f"secret, stays here: {made.opens}, {made.signs}")))


@app.command("show")
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The public key of a receiver, NAME.receiver.json.")],
    as_json: AsJson = False,
) -> None:
    """Show whose key a public file holds, to compare its fingerprint with the receiver, for example by telephone."""
    receiver = load_receiver(file)
    if as_json:
        facts = receiver.model_dump(mode="json", include={"name", "recipient", "valid_from", "valid_until"})
        typer.echo(json.dumps({**facts, "fingerprint": receiver.fingerprint}))
    else:
        typer.echo("\n".join(_lines(receiver)))


def _lines(receiver: Receiver) -> tuple[str, ...]:
    return (
        f"{receiver.name}, fingerprint {receiver.fingerprint}",
        f"valid from {receiver.valid_from:%Y-%m-%d} until {receiver.valid_until:%Y-%m-%d}",
        f"recipient {receiver.recipient}",
    )
