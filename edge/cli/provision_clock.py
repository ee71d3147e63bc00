"""`sonoedge provision clock`: the clock of the board, and the latest time that anybody signed, below which it never goes."""

import json
from typing import Annotated

import typer

from edge.cli.provision_board import AsJson, Root, installed, utc
from provisioning.boot.place import DEFAULT
from provisioning.clock import clock_verdict, set_clock, settable

app = typer.Typer(no_args_is_help=True)


@app.command()
def show(root: Root = DEFAULT, as_json: AsJson = False) -> None:
    """Show the clock, and whether it can be right."""
    floor, now = installed(root).time_floor, utc()
    verdict = clock_verdict(now, floor)
    if as_json:
        typer.echo(json.dumps({"clock": now.isoformat(), "floor": floor.isoformat(), "verdict": verdict.value}))
    else:
        typer.echo(f"{now:%Y-%m-%d %H:%M:%S} UTC, {verdict.value}; never before {floor:%Y-%m-%d %H:%M} UTC")


@app.command("set")
def set_(
    moment: Annotated[str, typer.Argument(metavar="TIME", help="With a time zone, such as 2026-11-30T14:05+03:00.")], root: Root = DEFAULT
) -> None:
    """Set the clock of this board, and of its clock chip. Needs root."""
    wanted = settable(moment, installed(root).time_floor)
    stays = set_clock(wanted)
    lost = "" if stays else " It is lost without power: this board has no clock chip."
    typer.echo(f"The clock shows {wanted:%Y-%m-%d %H:%M} UTC.{lost}")
