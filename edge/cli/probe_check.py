"""`sonoedge probe check`: checks the probe itself, in air or with clinical frames, without a phantom."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, TextColumn

from edge.cli.columns import columns
from edge.cli.own import own_settings
from edge.cli.progress import bar
from edge.cli.recordings import SourceOption, url_of
from edge.probe.check import ELEMENTS, FEWEST_ELEMENTS, MOST_ELEMENTS
from edge.probe.pool import Held, Pool
from edge.probe.record import Asked, conclude
from edge.probe.verdict import Verdict
from edge.records.probe_checks import DeadRun, History, ProbeCheck, ProbeChecks
from firmware_bridge.sources.base import Source
from firmware_bridge.sources.url import open_source

EXITS = {Verdict.PASS: 0, Verdict.WATCH: 3, Verdict.STOP: 4, Verdict.CANT_TELL: 5}
MODES = {"auto": None, "air": Held.AIR, "clinical": Held.CLINICAL}
BARS = "▁▂▃▄▅▆▇█"
WIDTH = 64
"""Columns of the profile; each shows its darkest element."""
DARKEST, BRIGHTEST = -40.0, 20.0
"""The lowest and the highest bar, in grey levels relative to the rest of the array."""
TREND = 5


def check(
    *,
    source: SourceOption,
    elements: Annotated[int, typer.Option(min=FEWEST_ELEMENTS, max=MOST_ELEMENTS, help="Number of elements in the array.")] = ELEMENTS,
    mode: Annotated[str, typer.Option(metavar="auto|air|clinical", help="How the probe is held; auto: detect it.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    new_baseline: Annotated[bool, typer.Option(help="Compare later checks with this one, if it is in air and passes.")] = False,
    export: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write all checks of this probe to a file.")] = None,
) -> None:
    """Check the probe itself: dead elements, and its strength compared with its own baseline. Research use, not a diagnosis.

    Check it in the morning, wiped dry and held in the air (25 frames, always with the same settings), or with 150 clinical frames.
    Exit status: 0 pass, 3 watch, 4 do not use, 5 can't tell, 2 refused.
    """
    if mode not in MODES:
        raise typer.BadParameter(f"'{mode}' is not one of {', '.join(MODES)}", param_hint="--mode")
    store = ProbeChecks(own_settings({}).data.probe_checks)
    asked = Asked(MODES[mode], elements, new_baseline)
    with open_source(url_of(source)) as opened:
        done = conclude(_pooled(opened, asked), asked, opened.info, store)
    history = store.history(done.serial_number)
    if export is not None:
        typer.echo(f"{export}: {store.export(done.serial_number, export)} checks", err=True)
    if as_json:
        typer.echo(done.model_dump_json(exclude={"picture"}))
    else:
        typer.echo("\n".join(_lines(done, history)))
    if history.damaged:
        lines = ", ".join(map(str, history.damaged))
        typer.echo(f"{store.path(done.serial_number)}: line {lines} cannot be read; the file was not changed", err=True)
    raise typer.Exit(EXITS[Verdict(done.verdict)])


def _pooled(source: Source, asked: Asked) -> Pool:
    pool = Pool()
    with bar(BarColumn(), TextColumn("{task.completed:.0f} of {task.total:.0f} frames in air or on the skin")) as progress:
        task = progress.add_task("checking", total=asked.needed)
        for frame in source.frames():
            pool.add(frame)
            progress.update(task, completed=max(pool.frames(held) for held in Held))
            if asked.done(pool):
                break
    return pool


def _lines(done: ProbeCheck, history: History) -> Iterator[str]:
    yield f"{done.verdict.upper()}  {'SIMULATED  ' if done.simulated else ''}{done.notice}"
    for reason in done.reasons:
        yield f"  {reason.says}. {reason.advice}."
    for notice in done.notices:
        yield f"  {notice}."
    yield ""
    yield from columns(_figures(done))
    if done.profile:
        yield ""
        yield from _profile_lines(done.profile, done.dead)
    earlier = history.checks[:-1][-TREND:]
    if earlier:
        yield ""
        yield from columns(
            [("earlier", "verdict", "level", "loss"), *((c.at, c.verdict, _number(c.level), _number(c.loss)) for c in earlier)]
        )


def _figures(done: ProbeCheck) -> Iterator[tuple[str, str]]:
    yield "probe", f"{done.device}, {done.serial_number or 'no serial number'}"
    yield "checked", f"{done.at}, {done.frames} frames {done.held or ''}".rstrip()
    if done.profile:
        yield "dead elements", ", ".join(map(_run, done.dead)) or "none"
        yield "unevenness", f"{_number(done.spread)} grey levels"
        yield "peak of the band", f"{_number(done.level)} grey levels"
    if done.baseline_at is not None:
        yield "loss", f"{_number(done.loss)} grey levels compared with {done.baseline_at}"
        yield "correlation", f"{done.correlation:.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _run(run: DeadRun) -> str:
    name = f"{run.first}" if run.first == run.last else f"{run.first}-{run.last}"
    if run.from_mm is None or run.to_mm is None:
        return name
    return f"{name} at {run.from_mm:.1f} mm" if run.first == run.last else f"{name} at {run.from_mm:.1f} to {run.to_mm:.1f} mm"


def _profile_lines(profile: tuple[float, ...], dead: tuple[DeadRun, ...]) -> Iterator[str]:
    """The profile from the left to the right edge of the image, and below it an x for each dead element."""
    count = min(WIDTH, len(profile))
    places = [range(i * len(profile) // count, (i + 1) * len(profile) // count) for i in range(count)]
    dead_elements = {element for run in dead for element in range(run.first, run.last + 1)}
    yield f"0 {''.join(_bar(min(profile[element] for element in place)) for place in places)} {len(profile) - 1}"
    if dead_elements:
        yield "  " + "".join("x" if dead_elements.intersection(place) else " " for place in places).rstrip()


def _bar(grey: float) -> str:
    share = (grey - DARKEST) / (BRIGHTEST - DARKEST)
    return BARS[min(len(BARS) - 1, max(0, int(share * len(BARS))))]
