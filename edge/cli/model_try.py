"""`sonoedge model verify` and `bench`: whether a release would be accepted, and how fast it is on this machine."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from edge.cli.columns import columns
from edge.cli.model_find import RELEASE, AsJson, Named, folder_of, settings_and_shelf
from edge.cli.progress import SHARE, bar, working
from edge.inference.admission import admit
from edge.inference.choice import invoke_ms
from edge.inference.errors import ModelUnusable
from edge.inference.reader import Reader
from edge.inference.release import TASK, ModelRelease
from edge.inference.shelf import Shelf
from firmware_bridge.errors import SonoEdgeError

RUNS = 200
RUNS_AT_ONCE = 10

Threads = Annotated[int | None, typer.Option(min=1, max=64, help="Threads of the network, instead of the number in the settings.")]


@dataclass
class _Trial:
    """The parts of a release that the checks so far have loaded."""

    shelf: Shelf
    folder: Path
    threads: int
    release: ModelRelease = field(init=False)
    reader: Reader = field(init=False)

    def parts(self) -> str:
        self.release = ModelRelease.load(self.folder)
        return f"{self.release.ident}: manifest, calibration, thresholds, novelty and golden vectors belong to one model"

    def task(self) -> str:
        if self.release.task != TASK:
            raise ModelUnusable(f"it is for {self.release.task}, not {TASK}", f"Choose a release for {TASK}")
        return TASK

    def digests(self) -> str:
        self.release.verify()
        return f"{len(self.release.files)} files are unchanged since the release"

    def network(self) -> str:
        self.reader = Reader.load(self.release, self.threads)
        interpreter = self.reader.interpreter
        return f"{interpreter.runtime} {interpreter.version} takes {interpreter.input.shape}, {len(self.release.findings)} findings"

    def golden(self) -> str:
        near = self.release.golden.check(self.reader.interpreter)
        how = f"within {near.steps} steps of int8" if near.steps else "bit for bit"
        return f"{len(self.release.golden.inputs)} golden vectors match {near.table}, {how}"

    def admission(self) -> str:
        admit(self.shelf.trusted(self.folder), self.threads)
        return "it would be accepted"


CHECKS: dict[str, Callable[[_Trial], str]] = {
    "parts": _Trial.parts,
    "task": _Trial.task,
    "digests": _Trial.digests,
    "network": _Trial.network,
    "golden vectors": _Trial.golden,
    "admission": _Trial.admission,
}
"""Run in this order; each check uses the results of the previous ones. The last one is the check of activation itself."""


@dataclass(frozen=True, slots=True)
class Checked:
    name: str
    ok: bool
    detail: str


def verify(release: Named, as_json: AsJson = False, threads: Threads = None) -> None:
    """Run every check of activation and print each result. Exit status 2 if the release would be refused."""
    settings, shelf = settings_and_shelf()
    trial = _Trial(shelf, folder_of(shelf, release), threads or settings.threads)
    done: list[Checked] = []
    for each in _checked(trial):
        done.append(each)
        if not as_json:
            typer.echo(f"{'ok' if each.ok else 'FAILED':6}  {each.name:14}  {each.detail}")
    if as_json:
        typer.echo(json.dumps({"release": release, "ok": done[-1].ok, "checks": [asdict(each) for each in done]}))
    if not done[-1].ok:
        raise typer.Exit(2)


def _checked(trial: _Trial) -> Iterator[Checked]:
    """Ends with the first check that fails."""
    for name, check in CHECKS.items():
        try:
            with working(name):
                detail = check(trial)
        except SonoEdgeError as error:
            yield Checked(name, False, str(error))
            return
        yield Checked(name, True, detail)


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one release; the times are milliseconds of one invoke."""

    release: str
    p50_ms: float
    p99_ms: float
    model_bytes: int
    fps: float


def bench(
    releases: Annotated[list[str] | None, typer.Argument(metavar="[RELEASE...]", help=RELEASE + " The default is every release.")] = None,
    as_json: AsJson = False,
    runs: Annotated[int, typer.Option(min=10, help="Number of invokes for each release.")] = RUNS,
    threads: Threads = None,
) -> None:
    """Measure how fast each release is on this machine, and how large its network is."""
    settings, shelf = settings_and_shelf()
    folders = [folder_of(shelf, each) for each in releases] if releases else [each.folder for each in shelf.releases() if not each.problem]
    figures = _measured(folders, threads or settings.threads, runs)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in figures]))
        return
    rows = [
        (each.release, f"{each.p50_ms:.2f}", f"{each.p99_ms:.2f}", f"{each.model_bytes / 1e6:.2f}", f"{each.fps:.0f}") for each in figures
    ]
    typer.echo("\n".join(columns([("release", "p50 ms", "p99 ms", "MB", "frames/s"), *rows])))


def _measured(folders: list[Path], threads: int, runs: int) -> list[Figures]:
    figures = []
    with bar(*SHARE) as progress:
        task = progress.add_task("", total=len(folders) * runs)
        for folder in folders:
            reader, taken = admit(folder, threads), list[float]()
            progress.update(task, description=reader.release.ident)
            while len(taken) < runs:
                taken += invoke_ms(reader, min(RUNS_AT_ONCE, runs - len(taken)))
                progress.update(task, advance=RUNS_AT_ONCE)
            p50, p99 = (round(float(each), 4) for each in np.percentile(taken, (50, 99)))
            figures.append(Figures(reader.release.ident, p50, p99, reader.release.path.stat().st_size, round(1000 / p50, 1)))
    return figures
