"""`sonoedge bench`: measures speed and size on this machine, and compares each figure with its target."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, TimeElapsedColumn

from edge.bench import baseline as known
from edge.bench import link as link_bench
from edge.bench import live as live_bench
from edge.bench import memory as memory_bench
from edge.bench import pipeline as pipeline_bench
from edge.bench import reconnect as reconnect_bench
from edge.bench import recording as recording_bench
from edge.bench import records as records_bench
from edge.bench import siege as siege_bench
from edge.bench import swap as swap_bench
from edge.bench import vision as vision_bench
from edge.bench.drift import measure as drift_bench
from edge.bench.page import measure as page_bench
from edge.bench.peers import measure as peers_bench
from edge.cli.bench_shown import show
from edge.cli.model_find import RELEASE, folder_of
from edge.cli.progress import NAME, bar
from edge.health.log import set_up_log
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from edge.settings import load_settings

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
Check = Annotated[bool, typer.Option("--check", help="Exit status 1 if a target is missed.")]
Baseline = Annotated[
    Path | None, typer.Option("--baseline", metavar="FILE", help="Exit status 1 if a ratio is 15 % below that of this file, in two tries.")
]


@app.callback()
def _log() -> None:
    """The measured appliance logs each probe that is unplugged on purpose; only errors are shown."""
    set_up_log("error")


@app.command()
def pipeline(
    as_json: AsJson = False,
    check: Check = False,
    baseline: Baseline = None,
    seconds: Annotated[float, typer.Option(min=2, help="How long to measure, all rounds together.")] = 30.0,
) -> None:
    """Measure what the appliance costs in addition to its network.

    fps_ratio: the pipeline's frame rate divided by the rate of a bare invoke loop, at saturation: the virtual probe sends 350x350
    frames a little faster than the network reads them. own_work_ratio: the plainest preparation of a frame, divided by all our own work
    on it. overhead_ms: what the network's thread does for a frame besides the invoke.
    added_latency_ms: from the frame's last byte to its published reading, without the invoke, at 30 frames per second. stage_ms: its
    stages, each with its budget. rss_mb, start_to_ready_s: the whole appliance as a separate process.
    """
    ratios = known.load(baseline, "pipeline") if baseline else {}
    with _progress(f"measuring, about {seconds:g} s"):
        figures, fell = known.measure(lambda: pipeline_bench.measure(load_settings(), seconds), ratios)
    show(figures, pipeline_bench.TARGETS, as_json=as_json, check=check, fell=fell)


@app.command()
def link(
    as_json: AsJson = False,
    check: Check = False,
    baseline: Baseline = None,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long to measure.")] = 3.0,
) -> None:
    """Measure how fast SonoLink and OpenIGTLink decode, compared with the checksum of the same bytes, which every checked link needs.

    frame_way_ms: for one frame of the virtual probe, from its last byte to the decoded frame.
    """
    ratios = known.load(baseline, "link") if baseline else {}
    with _progress(f"measuring, about {seconds:g} s"):
        figures, fell = known.measure(lambda: link_bench.measure(seconds), ratios)
    show(figures, link_bench.TARGETS, as_json=as_json, check=check, fell=fell)


@app.command()
def live(
    as_json: AsJson = False,
    check: Check = False,
    seconds: Annotated[float, typer.Option(min=3, help="How long to measure, all rounds together.")] = 20.0,
) -> None:
    """Measure what the live stream costs with one watcher and with eight, on a virtual probe at 15 frames per second.

    builds_per_frame: messages built for each frame read. sends_per_frame: messages received by all watchers for each frame. loop_ms:
    processor time of the event loop for each frame. loop_ratio: loop_ms with eight watchers divided by loop_ms with one.
    """
    with _progress(f"measuring, about {seconds:g} s"):
        figures = live_bench.measure(load_settings(), seconds)
    show(figures, live_bench.TARGETS, as_json=as_json, check=check)


@app.command()
def memory(
    as_json: AsJson = False,
    check: Check = False,
    seconds: Annotated[float, typer.Option(min=10, help="How long to stream.")] = 1800.0,
) -> None:
    """Measure how much the appliance's memory grows in an hour of streaming to two watchers, without the pages of files."""
    with _progress("streaming", seconds) as advance:
        figures = memory_bench.measure(load_settings(), seconds, advance)
    show(figures, memory_bench.TARGETS, as_json=as_json, check=check)


@app.command()
def page(
    as_json: AsJson = False,
    check: Check = False,
    baseline: Baseline = None,
    seconds: Annotated[float, typer.Option(min=6, help="How long to watch, all rounds together.")] = page_bench.SECONDS,
    clips: Annotated[int, typer.Option(min=1, help="How many real clips to read.")] = page_bench.CLIPS,
) -> None:
    """Measure the scan page in headless Chromium, on the simulated chest at 30 frames per second.

    frame_to_page_ms: from a frame's last byte to its drawing. overlay_mismatches: drawings whose image, reading and map are not of one
    frame. watchers_8_rate_ratio: frames read with eight watchers, one of which never reads, divided by those without any. transfer_kb,
    usable_s_1mbit: the first load in the largest language, and the time until an exam can begin, at 1 Mbit/s. taps: of a six-zone exam,
    and from the sign-in to its signature; the digits of the PIN are counted apart. announcements_per_min: texts for a reader of the screen
    on a steady image. verdict_changes_per_min: of the most restless finding on real clips in the folder SONOEDGE_DATA.
    """
    ratios = known.load(baseline, "page") if baseline else {}
    with _progress("watching", page_bench.STEPS + clips) as advance:
        figures, fell = known.measure(lambda: page_bench.measure(load_settings(), seconds, clips, advance), ratios)
    targets, notes = page_bench.targets(figures), {"absent": page_bench.absent()}
    show(figures, targets, as_json=as_json, check=check, fell=fell, notes=notes)


@app.command()
def peers(
    as_json: AsJson = False,
    check: Check = False,
    model: Annotated[str, typer.Option(metavar="RELEASE", help=RELEASE)] = peers_bench.LARGE_NETWORK,
    rounds: Annotated[int, typer.Option(min=1, help="How many rounds of 32 frames each engine reads.")] = peers_bench.ROUNDS,
) -> None:
    """Compare the appliance with other ways to run the same network on the same frames, each with one thread for the network.

    ours: region, level, quality, network and novelty. bare: the network alone. usual: the loop of TensorFlow Lite's examples. The other
    peers need an environment of their own, which `make peers-bench` makes. peer_over_ours_ms: time of a frame, compared with ours.
    """
    release = ModelRelease.load(folder_of(Shelf.of(load_settings().data_dir), model))
    with _progress("measuring", rounds) as advance:
        measured = peers_bench.measure(release, rounds, advance)
    show(measured.figures, peers_bench.targets(release.name), as_json=as_json, check=check, notes={"absent": measured.absent})


@app.command()
def recording(
    as_json: AsJson = False,
    check: Check = False,
    seconds: Annotated[float, typer.Option(min=1, help="How long to record.")] = 10.0,
) -> None:
    """Measure what it costs to record 640x480 frames at 30 per second, in percent of one core, and whether any frame is lost."""
    with _progress(f"measuring, about {seconds:g} s"):
        figures = recording_bench.measure(seconds)
    show(figures, recording_bench.TARGETS, as_json=as_json, check=check)


@app.command()
def reconnect(
    as_json: AsJson = False,
    check: Check = False,
    cycles: Annotated[int, typer.Option(min=1, help="How often to unplug the probe.")] = 50,
) -> None:
    """Measure how soon the appliance reads again after its probe, on a pty, was unplugged and plugged in."""
    with _progress("unplugging", cycles) as advance:
        figures = reconnect_bench.measure(load_settings(), cycles, advance)
    show(figures, reconnect_bench.TARGETS, as_json=as_json, check=check)


@app.command()
def siege(
    as_json: AsJson = False,
    check: Check = False,
    seconds: Annotated[float, typer.Option(min=22, help="How long to measure, all rounds together.")] = 110.0,
) -> None:
    """Measure how the appliance goes on while it is attacked: its frame rate, and how long a person with the right PIN waits.

    fps_ratio: frames read in a second while the probe is set 50 times a second, while eight reports are printed at a time, and during
    1,100 idle connections, 16 sign-ins at a time with invented names, and megabytes of unknown keys, each compared with the quiet rounds
    before and after it.
    """
    with _progress("attacking", siege_bench.ROUNDS) as advance:
        figures = siege_bench.measure(load_settings(), seconds, advance)
    show(figures, siege_bench.TARGETS, as_json=as_json, check=check)


@app.command()
def swap(
    as_json: AsJson = False,
    check: Check = False,
    swaps: Annotated[int, typer.Option(min=1, help="How often to change the model release.")] = 20,
) -> None:
    """Measure the slowest change of the model release while frames arrive, and whether any frame is lost."""
    with _progress("swapping", swaps) as advance:
        figures = swap_bench.measure(load_settings(), swaps, advance)
    show(figures, swap_bench.TARGETS, as_json=as_json, check=check)


@app.command()
def vision(as_json: AsJson = False, check: Check = False) -> None:
    """Measure how well the ultrasound region and image faults are detected, and the time that this needs per frame.

    iou: intersection over union with masks drawn by hand, on exports of other machines in the folder SONOEDGE_DATA. not_ultrasound: the
    share of its lung frames, and of its other images, that are classified so. reason_auc: for each reason, planted faults against
    healthy chests.
    """
    with _progress("comparing", len(vision_bench.drawn_masks())) as advance:
        count = itertools.count(1)
        figures = vision_bench.measure(lambda: advance(next(count)))
    show(figures, vision_bench.TARGETS, as_json=as_json, check=check)


@app.command()
def drift(
    as_json: AsJson = False,
    check: Check = False,
    model: Annotated[str, typer.Option(metavar="RELEASE", help=RELEASE)] = drift_bench.SMALL_NETWORK,
    wards: Annotated[int, typer.Option(min=2, help="How many references are drawn, each with its own exams.")] = drift_bench.WARDS,
) -> None:
    """Measure how rarely the drift watch stops on steady exams, and how soon it finds a change, in exams, on readings of real frames.

    simulated: patients of the virtual probe. real: patients in the folder SONOEDGE_DATA. The reference and the watch see draws of them;
    false_alarms_apart: each sees draws of one half, so that it counts as a change how much two groups of so few patients differ.
    """
    release = ModelRelease.load(folder_of(Shelf.of(load_settings().data_dir), model))
    with _progress("reading and drawing", drift_bench.steps(wards)) as advance:
        figures = drift_bench.measure(release, wards, advance)
    notes = {"absent": drift_bench.absent(), "assumed": drift_bench.ASSUMED}
    show(figures, drift_bench.TARGETS, as_json=as_json, check=check, notes=notes)


@app.command()
def records(
    as_json: AsJson = False,
    check: Check = False,
    quick: Annotated[bool, typer.Option(help="Use 100,000 findings, a tenth of the full size.")] = False,
) -> None:
    """Measure the records with 1,000,000 findings and 100,000 audit entries, and lossless compression of a clip.

    write_ratio_1m: the time to write one finding with its audit entry, at this many findings divided by at one finding.
    lossless_bytes, lossless_ms: for one frame.
    """
    with _progress("filling", 1.0) as advance:
        findings = records_bench.QUICK if quick else records_bench.FULL
        figures = records_bench.measure(findings, advance)
    show(figures, records_bench.TARGETS, as_json=as_json, check=check)


@contextmanager
def _progress(what: str, total: float | None = None) -> Iterator[Callable[[float], None]]:
    """With no `total`, the time so far. It is drawn once a second, so that it does not change the figures."""
    with bar(NAME, BarColumn(), TimeElapsedColumn(), per_second=1) as shown:
        task = shown.add_task(what, total=total)
        yield lambda done: shown.update(task, completed=done)
