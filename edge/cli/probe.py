"""`sonoedge probe`: which probes are here, and a probe that needs no hardware."""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="List probes, or play one.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port that might be a probe; `may_open` is for this user."""

    path: str
    usb_id: str
    serial_number: str
    product: str
    may_open: bool


def find_ports() -> list[Port]:
    """Every serial port of the machine, USB ones first."""
    from serial.tools.list_ports import comports  # noqa: PLC0415 - only this verb looks

    found = [
        Port(
            path=port.device,
            usb_id=f"{port.vid:04x}:{port.pid:04x}" if port.vid is not None and port.pid is not None else "",
            serial_number=port.serial_number or "",
            product=port.product or port.description or "",
            may_open=os.access(port.device, os.R_OK | os.W_OK),
        )
        for port in comports()
    ]
    return sorted(found, key=lambda port: (not port.usb_id, port.path))


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False) -> None:
    """List the serial ports that could be probes, and whether this user may open them."""
    ports = find_ports()
    if as_json:
        typer.echo(json.dumps([asdict(port) for port in ports]))
        return
    if not ports:
        typer.echo("No serial port found. Plug the probe in, or try `sonoedge probe emulate`.")
    for port in ports:
        right = "" if port.may_open else "  (this user may not open it: add the user to the group dialout)"
        typer.echo(f"serial://{port.path}  {port.usb_id or 'not USB'}  {port.serial_number or '-'}  {port.product}{right}")


@app.command()
def emulate(
    recording: Annotated[Path | None, typer.Option("--input", metavar="PATH", help="A recording to play; else a simulated chest.")] = None,
    link: Annotated[Path | None, typer.Option(metavar="PATH", help="Make a symbolic link to the port here.")] = None,
    fps: Annotated[float, typer.Option(min=0, help="Frames a second; 0: as fast as the host takes them.")] = 25.0,
    b_lines: Annotated[int | None, typer.Option(min=0, max=8, help="So many B-lines; else their number changes.")] = None,
    once: Annotated[bool, typer.Option(help="Play the recording once.")] = False,
) -> None:
    """Play a probe on a pty until Ctrl-C; prints the port to open with `sonoedge run --source serial://PORT`."""
    told = ["--fps", f"{fps:g}"]
    told += ["--input", str(recording)] if recording else []
    told += ["--link", str(link)] if link else []
    told += ["--b-lines", str(b_lines)] if b_lines is not None else []
    told += ["--once"] if once else []
    os.execv(sys.executable, [sys.executable, "-m", "firmware_bridge.virtual_probe", *told])  # noqa: S606 - the same Python, no shell
