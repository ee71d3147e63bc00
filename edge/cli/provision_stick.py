"""`sonoedge provision stick`: what a stick holds, and whether this board believes it. Nothing is changed."""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.progress import working
from edge.cli.provision_board import AsJson, Installed, Root, prepared, utc
from provisioning.board import compat
from provisioning.boot.place import DEFAULT
from provisioning.sticks import the_stick
from provisioning.trust.source import Source, mirror, stick
from provisioning.update.engine import Offer
from provisioning.update.offers import offers

app = typer.Typer(no_args_is_help=True)

HELP = "The folder of the stick, or the address of a mirror (http:); else the one stick that is mounted."
Where = Annotated[str, typer.Argument(metavar="[STICK]", help=HELP)]
WEB = ("http://", "https://")


def source_of(where: str) -> Source:
    """The stick, or the mirror, that a person named.

    Raises:
        ProvisionRefused: E-NO-STICK, or E-STICK-UNREADABLE.
    """
    if where.startswith(WEB):
        return mirror(where)
    return stick(Path(where) if where else the_stick())


def folder_of(where: str) -> Path | None:
    """Where a result is left; None for a mirror."""
    if where.startswith(WEB):
        return None
    return Path(where) if where else the_stick()


def found(board: Installed, where: str) -> tuple[Offer, ...]:
    """The releases of a source, verified.

    Raises:
        ProvisionRefused: the source is refused.
    """
    source = source_of(where)
    with working(f"verifying {source.name}"):
        return offers(board.selector, source, compat(), utc())


@app.command("inspect")
def inspect(where: Where = "", root: Root = DEFAULT, as_json: AsJson = False) -> None:
    """List the releases on a stick for this board, after each signature was verified."""
    listed = found(prepared(root), where)
    if as_json:
        typer.echo(json.dumps([{**each.facts.model_dump(mode="json"), "bytes": each.length, "sha256": each.sha256} for each in listed]))
        return
    rows = [(f.version, str(f.counter), f"{f.issued_at:%Y-%m-%d}", f"{each.length / 1e6:.0f} MB") for each in listed for f in (each.facts,)]
    typer.echo("\n".join(columns([("release", "number", "issued", "size"), *rows])))
