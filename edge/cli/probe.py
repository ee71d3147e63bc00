"""`sonoedge probe`: which probes are here, what they send, recordings of them, and a probe that needs no hardware."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.probe_check import check
from edge.cli.recordings import info, record, replay
from firmware_bridge.sources.ports import FoundPort, find_ports, watch_ports
from firmware_bridge.sources.url import SourceUrl
from firmware_bridge.sources.virtual import arguments

app = typer.Typer(help="List probes, watch, check, record and replay them, or play one.", no_args_is_help=True)
app.command()(check)
app.command()(record)
app.command()(replay)
app.command()(info)

AsJson = Annotated[bool, typer.Option("--json", help="JSON: a list, or one object a line.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the ports that could be probes: their source URL, USB id, serial number, model and speed, and who may open them."""
    ports = find_ports()
    if as_json:
        typer.echo(json.dumps([asdict(port) for port in ports]))
        return
    if not ports:
        typer.echo("No port found. Plug the probe in, or try `sonoedge probe emulate`.")
    for port in ports:
        typer.echo(line_of(port))


@app.command()
def watch(as_json: AsJson = False) -> None:
    """Print each port that is plugged in or out, as it happens, until Ctrl-C."""
    typer.echo("Watching; plug the probe in or out. Ctrl-C ends.", err=True)
    try:
        for event in watch_ports():
            typer.echo(json.dumps(asdict(event)) if as_json else f"{event.action:6}  {line_of(event.port)}")
    except KeyboardInterrupt:
        return


def line_of(port: FoundPort) -> str:
    """One line for people; what is missing says so."""
    said = [
        port.url,
        port.usb_id or "not USB",
        port.serial_number or "no serial number",
        port.model or "unknown model",
        f"{port.speed_mbit:g} Mbit/s" if port.speed_mbit else "",
        port.owner,
        "" if port.may_open else "THIS USER MAY NOT OPEN IT: add the user to its group, or install the udev rules",
    ]
    return "  ".join(filter(None, said))


@app.command()
def emulate(
    *,
    recording: Annotated[Path | None, typer.Option("--input", metavar="PATH", help="A recording to play; else a simulated chest.")] = None,
    link: Annotated[Path | None, typer.Option(metavar="PATH", help="Make a symbolic link to the port here.")] = None,
    once: Annotated[bool, typer.Option(help="Play the recording once.")] = False,
    fps: Annotated[float, typer.Option(min=0, help="Frames a second; 0: as fast as the host takes them.")] = 25.0,
    b_lines: Annotated[int | None, typer.Option(min=0, max=8, help="So many B-lines; else their number changes.")] = None,
    option: Annotated[list[str], typer.Option(metavar="NAME=VALUE", help="As in virtual://?dead=40-41&air=1; may be repeated.")] = [],  # noqa: B006 - typer copies it
) -> None:
    """Play a probe on a pty until Ctrl-C; prints the port to open with `sonoedge run --source serial://PORT`."""
    told = ["--fps", f"{fps:g}"]
    told += ["--input", str(recording)] if recording else []
    told += ["--link", str(link)] if link else []
    told += ["--b-lines", str(b_lines)] if b_lines is not None else []
    told += ["--once"] if once else []
    told += virtual_probe_arguments(option)
    os.execv(sys.executable, [sys.executable, "-m", "firmware_bridge.virtual_probe", *told])  # noqa: S606 - the same Python, no shell


def virtual_probe_arguments(options: list[str]) -> list[str]:
    """The options of a virtual:// URL as those of the virtual probe.

    Raises:
        SourceUnknown: one is not known, or its value cannot be.
    """
    named = dict(option.partition("=")[::2] for option in options)
    return arguments(SourceUrl("virtual", "", options=named, text="virtual://?" + "&".join(options)))
