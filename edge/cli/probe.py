"""`sonoedge probe`: lists, watches, checks, records and replays probes, and emulates one without hardware."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.probe_check import check
from edge.cli.recordings import LiftOption, info, record, replay
from firmware_bridge.child import python
from firmware_bridge.sources.ports import FoundPort, find_ports, watch_ports
from firmware_bridge.sources.url import SourceUrl
from firmware_bridge.sources.virtual import arguments

app = typer.Typer(help="List, watch, check, record and replay probes, or emulate one.", no_args_is_help=True)
app.command()(check)
app.command()(record)
app.command()(replay)
app.command()(info)

AsJson = Annotated[bool, typer.Option("--json", help="JSON: a list, or one object per line.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the ports that could be probes: source URL, USB id, serial number, model, speed, and who is allowed to open them."""
    ports = find_ports()
    if as_json:
        typer.echo(json.dumps([asdict(port) for port in ports]))
        return
    if not ports:
        typer.echo("No port found. Plug in the probe, or try `sonoedge probe emulate`.")
    for port in ports:
        typer.echo(line_of(port))


@app.command()
def watch(as_json: AsJson = False) -> None:
    """Print each port when it is plugged in or unplugged, until Ctrl-C."""
    typer.echo("Watching. Plug in or unplug the probe. Ctrl-C ends.", err=True)
    try:
        for event in watch_ports():
            typer.echo(json.dumps(asdict(event)) if as_json else f"{event.action:6}  {line_of(event.port)}")
    except KeyboardInterrupt:
        return


def line_of(port: FoundPort) -> str:
    """One line for people; unknown values are stated as unknown."""
    parts = [
        port.url,
        port.usb_id or "not USB",
        port.serial_number or "no serial number",
        port.model or "unknown model",
        f"{port.speed_mbit:g} Mbit/s" if port.speed_mbit else "",
        port.owner,
        "" if port.may_open else "THIS USER CANNOT OPEN IT: add the user to its group, or install the udev rules",
    ]
    return "  ".join(filter(None, parts))


@app.command()
def emulate(
    *,
    recording: Annotated[
        Path | None, typer.Option("--input", metavar="PATH", help="A recording to play instead of a simulated chest.")
    ] = None,
    link: Annotated[Path | None, typer.Option(metavar="PATH", help="Make a symbolic link to the port here.")] = None,
    once: Annotated[bool, typer.Option(help="Play the recording once.")] = False,
    lift: LiftOption = False,
    fps: Annotated[float, typer.Option(min=0, help="Frames per second; 0: as fast as the host reads them.")] = 25.0,
    b_lines: Annotated[int | None, typer.Option(min=0, max=8, help="Number of B-lines; by default it changes over time.")] = None,
    option: Annotated[list[str], typer.Option(metavar="NAME=VALUE", help="As in virtual://?dead=40-41&air=1; can be repeated.")] = [],  # noqa: B006 - typer copies it
) -> None:
    """Emulate a probe on a pty until Ctrl-C. Prints the port to open with `sonoedge run --source serial://PORT`."""
    words = ["--fps", f"{fps:g}"]
    words += ["--input", str(recording)] if recording else []
    words += ["--link", str(link)] if link else []
    words += ["--b-lines", str(b_lines)] if b_lines is not None else []
    words += ["--once"] * once + ["--lift"] * lift
    words += virtual_probe_arguments(option)
    os.execv(sys.executable, python("-m", "firmware_bridge.virtual_probe", *words))  # noqa: S606 - the same Python, no shell


def virtual_probe_arguments(options: list[str]) -> list[str]:
    """The options of a virtual:// URL as command-line arguments of the virtual probe.

    Raises:
        SourceUnknown: an option is unknown, or its value is not valid.
    """
    named = dict(option.partition("=")[::2] for option in options)
    return arguments(SourceUrl("virtual", "", options=named, text="virtual://?" + "&".join(options)))
