"""`sonoedge probe record|replay|info`: recordings of a source, without the appliance."""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from threading import Timer
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn

from edge.cli.progress import bar, counting
from edge.notice import NOTICE
from firmware_bridge.child import python
from firmware_bridge.errors import SourceLost
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Source
from firmware_bridge.sources.url import open_source

LIVE_S = 2.0
"""How long `info` reads a live source, from its first frame on."""
PATIENCE_S = 5.0
"""How long `info` waits for that frame: long enough for a source to state that all its frames are damaged."""

LiftOption = Annotated[
    bool, typer.Option("--lift", help="A second of black before each repeat, as if the probe was lifted, so that an exam goes on.")
]
SourceArgument = Annotated[str, typer.Argument(metavar="URL", help="A source, or the path of a recording.")]
SourceOption = Annotated[str, typer.Option(metavar="URL", help="A source, or the path of a recording.")]


def url_of(given: str) -> str:
    """The URL of a source; the path of an existing recording becomes a file URL."""
    return Path(given).absolute().as_uri() if "://" not in given and Path(given).exists() else given


def record(
    out: Annotated[Path, typer.Argument(metavar="FILE.mcap", help="The new file; it must not exist.")],
    source: SourceOption,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to record: by the clock, or for a recording by its own time.")] = 60.0,
) -> None:
    """Record a source: frames, settings, geometry and every loss. Ends after --seconds, at the end of the source, or with Ctrl-C.

    To record the readings of an appliance too, use `sonoedge run --record` or its page.
    """
    from firmware_bridge.recorder import Recorder  # noqa: PLC0415 - only this command writes recordings

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
    """Frames with the seconds since the first one: the recording's own time for a file, the clock for any other source."""
    own_time = source.info.url.startswith("file:")
    first_us, begun = None, time.monotonic()
    for frame in source.frames():
        first_us = frame.captured_us if first_us is None else first_us
        at_s = (frame.captured_us - first_us) / 1e6 if own_time else time.monotonic() - begun
        if at_s > seconds:
            return
        yield frame, at_s


def _progress(seconds: float) -> Progress:
    return bar(BarColumn(), TextColumn("{task.completed:.1f} of " + f"{seconds:g} s, {{task.fields[frames]}} frames"))


def replay(
    recording: Annotated[Path, typer.Argument(metavar="FILE", help="A recording of any kind.")],
    link: Annotated[Path | None, typer.Option(metavar="PATH", help="Make a symbolic link to the port here.")] = None,
    fps: Annotated[float, typer.Option(min=0, help="Frames per second; 0: each when the host has read the previous one.")] = 25.0,
    once: Annotated[bool, typer.Option(help="Play it once.")] = False,
    lift: LiftOption = False,
) -> None:
    """Play a recording as a probe on a pty until Ctrl-C. Prints the port to open with `sonoedge run --source serial://PORT`.

    To play it in the appliance itself: `sonoedge run --source file:///FILE?pace=1`. To read every frame of it: `sonoedge infer FILE`.
    """
    words = ["--input", str(recording), "--fps", f"{fps:g}"] + (["--link", str(link)] if link else [])
    words += ["--once"] * once + ["--lift"] * lift
    os.execv(sys.executable, python("-m", "firmware_bridge.virtual_probe", *words))  # noqa: S606 - the same Python, no shell


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """The output of `info`. `frames` is the number that the recording states; `seen` and all later fields describe the frames read."""

    url: str
    name: str
    origin: str
    device: str
    firmware: str
    serial_number: str
    machine: str
    frames: int | None
    seen: int
    simulated: bool
    rows: int
    columns: int
    frames_per_second: float | None
    geometry: dict[str, object]
    settings: dict[str, object]
    losses: dict[str, int]
    problem: str


def info(source: SourceArgument, as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Describe a source: its device, settings, geometry, frame rate and losses.

    Reads two seconds of a live source, or the whole of a recording. States why if no frame arrives.
    """
    with open_source(url_of(source)) as opened, counting("reading") as counted:
        facts = _facts_of(opened, counted)
    if as_json:
        typer.echo(json.dumps(asdict(facts)))
        return
    for name, value in asdict(facts).items():
        shown = ", ".join(f"{key} {_plain(one)}" for key, one in value.items() if one is not None) if isinstance(value, dict) else value
        typer.echo(f"{name.replace('_', ' '):18} {shown if shown not in (None, '') else '-'}")


def _patiently(source: Source) -> Iterator[Frame]:
    """All frames of a recording; those of a live source for `LIVE_S`, or none if the first one takes longer than `PATIENCE_S`."""
    live, begun = not source.info.url.startswith("file:"), None
    patience = Timer(PATIENCE_S, source.close)
    if live:
        patience.start()
    try:
        for frame in source.frames():
            patience.cancel()
            begun = begun or time.monotonic()
            yield frame
            if live and time.monotonic() - begun > LIVE_S:
                return
    finally:
        patience.cancel()


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _facts_of(source: Source, counted: Callable[[int, int | None], None]) -> SourceFacts:
    about, frame = source.info, None
    seen, simulated, first_us = 0, False, 0
    with closing(source):
        for frame in _patiently(source):
            first_us = frame.captured_us if seen == 0 else first_us
            seen += 1
            counted(seen, about.frames)
            simulated |= frame.simulated
        notice = source.notice
    span_us = frame.captured_us - first_us if frame is not None else 0
    losses: Counter[str] = Counter()
    for loss in source.losses:
        losses[loss.cause] += loss.frames
    return SourceFacts(
        url=about.url,
        name=about.name,
        origin=about.origin.value,
        device=about.device,
        firmware=about.firmware,
        serial_number=about.serial_number,
        machine=(frame.machine if frame is not None else about.machine).name,
        frames=about.frames,
        seen=seen,
        simulated=simulated or about.simulated,
        rows=frame.pixels.shape[0] if frame is not None else 0,
        columns=frame.pixels.shape[1] if frame is not None else 0,
        frames_per_second=round((seen - 1) * 1e6 / span_us, 2) if span_us > 0 else None,
        geometry=asdict(frame.geometry) if frame is not None else {},
        settings=asdict(frame.settings) if frame is not None else {},
        losses=dict(losses),
        problem=str(notice or ("" if seen else f"No frame arrived within {PATIENCE_S:g} s.")),
    )
