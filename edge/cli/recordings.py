"""`sonoedge probe record|replay|info`: recordings of a source, outside the appliance."""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from edge.notice import NOTICE
from firmware_bridge.errors import SourceLost
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Source
from firmware_bridge.sources.url import open_source

LOOK_S = 2.0
"""How long `info` looks at a live source."""

SourceArgument = Annotated[str, typer.Argument(metavar="URL", help="A source, or the path of a recording.")]
SourceOption = Annotated[str, typer.Option(metavar="URL", help="A source, or the path of a recording.")]


def url_of(given: str) -> str:
    """A path stands for the recording that lies there."""
    return Path(given).absolute().as_uri() if "://" not in given and Path(given).exists() else given


def record(
    out: Annotated[Path, typer.Argument(metavar="FILE.mcap", help="The file to make; it must not be there yet.")],
    source: SourceOption,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long: of a recording its own time, else by the clock.")] = 60.0,
) -> None:
    """Record a source's frames, with their settings and geometry and every loss, until the time is up, the source ends, or Ctrl-C.

    The readings of a running appliance are recorded by `sonoedge run --record` or on its page.
    """
    from firmware_bridge.recorder import Recorder  # noqa: PLC0415 - only this verb writes recordings

    if out.suffix != ".mcap":
        raise typer.BadParameter(f"'{out}' does not end in .mcap", param_hint="FILE.mcap")
    lost: SourceLost | None = None
    with open_source(url_of(source)) as opened:
        recorder = Recorder(out, opened.info, NOTICE)
        try:
            with _progress(seconds) as progress:
                task = progress.add_task("recording", total=seconds, frames=0)
                for count, (frame, at_s) in enumerate(_until(opened, seconds), 1):
                    recorder.frame_waiting(frame)
                    recorder.losses(opened.losses)
                    progress.update(task, completed=at_s, frames=count)
                    if not recorder.running:
                        break
        except KeyboardInterrupt:
            pass
        except SourceLost as error:
            lost = error
            recorder.event({"event": "lost", "reason": error.code, "problem": error.what})
        finally:
            recorder.losses(opened.losses)
            status = recorder.close()
    typer.echo(f"{status.path}: {status.frames} frames, {status.bytes / 1e6:.1f} MB", err=True)
    problem = status.problem or lost
    if problem is not None:
        raise problem


def _until(source: Source, seconds: float) -> Iterator[tuple[Frame, float]]:
    """Frames with their time since the first: the recording's own for a recording played as fast as it is read, else the clock."""
    own_time = source.info.url.startswith("file:")
    first_us, begun = None, time.monotonic()
    for frame in source.frames():
        first_us = frame.captured_us if first_us is None else first_us
        at_s = (frame.captured_us - first_us) / 1e6 if own_time else time.monotonic() - begun
        if at_s > seconds:
            return
        yield frame, at_s


def _progress(seconds: float) -> Progress:
    columns = (BarColumn(), TextColumn("{task.completed:.1f} of " + f"{seconds:g} s, {{task.fields[frames]}} frames"))
    return Progress(*columns, console=Console(stderr=True), transient=True)


def replay(
    recording: Annotated[Path, typer.Argument(metavar="FILE", help="A recording of any kind.")],
    link: Annotated[Path | None, typer.Option(metavar="PATH", help="Make a symbolic link to the port here.")] = None,
    fps: Annotated[float, typer.Option(min=0, help="Frames a second; 0: the next when the host has taken the one before.")] = 25.0,
    once: Annotated[bool, typer.Option(help="Play it once.")] = False,
) -> None:
    """Play a recording as a probe on a pty until Ctrl-C; prints the port to open with `sonoedge run --source serial://PORT`.

    In the appliance itself: `sonoedge run --source file:///FILE?pace=1`; every frame of it one by one: `sonoedge infer FILE`.
    """
    told = ["--input", str(recording), "--fps", f"{fps:g}"] + (["--link", str(link)] if link else []) + ["--once"] * once
    os.execv(sys.executable, [sys.executable, "-m", "firmware_bridge.virtual_probe", *told])  # noqa: S606 - the same Python, no shell


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What `info` prints. `frames` is what the recording claims; `seen` and the figures after it are of the frames looked at."""

    url: str
    name: str
    origin: str
    device: str
    firmware: str
    serial_number: str
    frames: int | None
    seen: int
    simulated: bool
    rows: int
    columns: int
    frames_per_second: float | None
    geometry: dict[str, object]
    settings: dict[str, object]
    losses: dict[str, int]


def info(source: SourceArgument, as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Say what a source is: who made it, how it is set, how its pixels lie, how fast its frames come and what is lost.

    Looks at a live source for two seconds, and at the whole of a recording.
    """
    with open_source(url_of(source)) as opened:
        facts = _facts_of(opened)
    if as_json:
        typer.echo(json.dumps(asdict(facts)))
        return
    for name, value in asdict(facts).items():
        shown = ", ".join(f"{key} {_plain(one)}" for key, one in value.items() if one is not None) if isinstance(value, dict) else value
        typer.echo(f"{name.replace('_', ' '):18} {shown if shown not in (None, '') else '-'}")


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _facts_of(source: Source) -> SourceFacts:
    said, live = source.info, not source.info.url.startswith("file:")
    frame: Frame | None = None
    seen, simulated, first_us, begun = 0, False, 0, time.monotonic()
    with closing(source):
        for frame in source.frames():
            first_us = frame.captured_us if seen == 0 else first_us
            seen += 1
            simulated |= frame.simulated
            if live and time.monotonic() - begun > LOOK_S:
                break
    span_us = frame.captured_us - first_us if frame is not None else 0
    losses: Counter[str] = Counter()
    for loss in source.losses:
        losses[loss.cause] += loss.frames
    return SourceFacts(
        url=said.url,
        name=said.name,
        origin=said.origin.value,
        device=said.device,
        firmware=said.firmware,
        serial_number=said.serial_number,
        frames=said.frames,
        seen=seen,
        simulated=simulated or said.simulated,
        rows=frame.pixels.shape[0] if frame is not None else 0,
        columns=frame.pixels.shape[1] if frame is not None else 0,
        frames_per_second=round((seen - 1) * 1e6 / span_us, 2) if span_us > 0 else None,
        geometry=asdict(frame.geometry) if frame is not None else {},
        settings=asdict(frame.settings) if frame is not None else {},
        losses=dict(losses),
    )
