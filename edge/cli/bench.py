"""`sonoedge bench`: measures speed and size on this machine."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from edge.bench import link as link_bench
from edge.bench import live as live_bench
from edge.bench import pipeline as pipeline_bench
from edge.bench import reconnect as reconnect_bench
from edge.bench import recording as recording_bench
from edge.bench import records as records_bench
from edge.bench import swap as swap_bench
from edge.bench import vision as vision_bench
from edge.health.log import set_up_log
from edge.settings import load_settings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.callback()
def _log() -> None:
    """The measured appliance logs each probe that is unplugged on purpose; only errors are shown."""
    set_up_log("error")


@app.command()
def pipeline(
    as_json: AsJson = False,
    seconds: Annotated[float, typer.Option(min=2, help="How long to measure, all rounds together.")] = 30.0,
) -> None:
    """Measure what the appliance costs in addition to its network.

    fps_ratio: the pipeline's frame rate divided by the rate of a bare invoke loop, at saturation: the virtual probe sends 350x350
    frames a little faster than the network reads them. added_latency_ms: from the frame's last byte to its published reading,
    without the invoke, at 30 frames per second. rss_mb, start_to_ready_s: the whole appliance as a separate process.
    """
    figures = pipeline_bench.measure(load_settings(), seconds)
    _print(figures, as_json, pipeline_bench.TARGETS)


@app.command()
def link(
    as_json: AsJson = False,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long to measure.")] = 3.0,
) -> None:
    """Measure how fast SonoLink and OpenIGTLink decode, compared with the checksum of the same bytes, which every checked link needs.

    frame_way_ms: for one frame of the virtual probe, from its last byte to the decoded frame.
    """
    figures = link_bench.measure(seconds)
    _print(figures, as_json, link_bench.TARGETS)


@app.command()
def live(
    as_json: AsJson = False,
    seconds: Annotated[float, typer.Option(min=3, help="How long to measure, all rounds together.")] = 20.0,
) -> None:
    """Measure what the live stream costs with one watcher and with eight, on a virtual probe at 15 frames per second.

    builds_per_frame: messages built for each frame read. sends_per_frame: messages received by all watchers for each frame. loop_ms:
    processor time of the event loop for each frame. loop_ratio: loop_ms with eight watchers divided by loop_ms with one.
    """
    figures = live_bench.measure(load_settings(), seconds)
    _print(figures, as_json, live_bench.TARGETS)


@app.command()
def recording(
    as_json: AsJson = False,
    seconds: Annotated[float, typer.Option(min=1, help="How long to record.")] = 10.0,
) -> None:
    """Measure what it costs to record 640x480 frames at 30 per second, in percent of one core, and whether any frame is lost."""
    figures = recording_bench.measure(seconds)
    _print(figures, as_json, recording_bench.TARGETS)


@app.command()
def reconnect(
    as_json: AsJson = False,
    cycles: Annotated[int, typer.Option(min=1, help="How often to unplug the probe.")] = 50,
) -> None:
    """Measure how soon the appliance reads again after its probe, on a pty, was unplugged and plugged in."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("unplugging", total=cycles)
        figures = reconnect_bench.measure(load_settings(), cycles, lambda done: progress.update(task, completed=done))
    _print(figures, as_json, reconnect_bench.TARGETS)


@app.command()
def swap(
    as_json: AsJson = False,
    swaps: Annotated[int, typer.Option(min=1, help="How often to change the model release.")] = 20,
) -> None:
    """Measure the slowest change of the model release while frames arrive, and whether any frame is lost."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("swapping", total=swaps)
        figures = swap_bench.measure(load_settings(), swaps, lambda done: progress.update(task, completed=done))
    _print(figures, as_json, swap_bench.TARGETS)


@app.command()
def vision(as_json: AsJson = False) -> None:
    """Measure how well the ultrasound region and image faults are detected, and the time that this needs per frame.

    iou: intersection over union with masks drawn by hand, on exports of other machines in the folder SONOEDGE_DATA. not_ultrasound: the
    share of its lung frames, and of its other images, that are classified so. reason_auc: for each reason, planted faults against
    healthy chests.
    """
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("comparing", total=len(vision_bench.drawn_masks()))
        figures = vision_bench.measure(lambda: progress.advance(task))
    _print(figures, as_json, vision_bench.TARGETS)


@app.command()
def records(
    as_json: AsJson = False,
    quick: Annotated[bool, typer.Option(help="Use 100,000 findings, a tenth of the full size.")] = False,
) -> None:
    """Measure the records with 1,000,000 findings and 100,000 audit entries, and lossless compression of a clip.

    write_ratio_1m: the time to write one finding with its audit entry, at this many findings divided by at one finding.
    lossless_bytes, lossless_ms: for one frame.
    """
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("filling", total=1.0)
        findings = records_bench.QUICK if quick else records_bench.FULL
        figures = records_bench.measure(findings, lambda done: progress.update(task, completed=done))
    _print(figures, as_json, records_bench.TARGETS)


def _print(measured: "DataclassInstance", as_json: bool, targets: dict[str, tuple[str, float]]) -> None:
    figures = {name: _rounded(value) for name, value in asdict(measured).items()}
    if as_json:
        typer.echo(json.dumps(figures))
        return
    table = Table("figure", "measured", "target")
    for name, value in figures.items():
        for part, number in value.items() if isinstance(value, dict) else [("", value)]:
            table.add_row(f"{name} {part}".strip(), f"{number:g}", " ".join(map(str, targets.get(name, ()))))
    Console().print(table)


def _rounded(value: float | dict[str, float]) -> float | dict[str, float]:
    return {name: round(number, 4) for name, number in value.items()} if isinstance(value, dict) else round(value, 4)
