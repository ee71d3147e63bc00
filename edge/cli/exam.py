"""`sonoedge exam`: reads the recordings of a patient as an exam, zone by zone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from edge.cli.columns import columns
from edge.cli.exam_export import export_
from edge.cli.exam_post_test import post_test_
from edge.cli.exam_records import list_, show
from edge.cli.exam_report import report
from edge.cli.machine import MachineOption, machine_line, machine_of
from edge.cli.own import own_settings
from edge.cli.progress import CLIPS, bar, working
from edge.cli.protocol import catalogue
from edge.exam.clip import ClipFinding
from edge.exam.manifest import ManifestClip, clips_of
from edge.exam.protocol.protocol import Acquisition
from edge.exam.protocol.score import total_line
from edge.exam.recording import read_recording
from edge.exam.replay import Replay, replay
from edge.exam.summary import ExamSummary, FindingSummary, ZoneSummary
from edge.health.log import set_up_log
from edge.inference.choice import decide
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from edge.inference.shown import percent, whole
from edge.notice import NOTICE
from edge.vision.quality import Limits
from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.example_data import example_data
from firmware_bridge.machine import Machine
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.stated import stated

COHORT = "covid_blues"
OWN_RECORDINGS = "For your own recordings give --data FOLDER"

app = typer.Typer(help="Show exams, or read recordings as an exam. Research use, not a diagnosis.", no_args_is_help=True)
app.command("list")(list_)
app.command("show")(show)
app.command("export")(export_)
app.command("report")(report)
app.command("post-test")(post_test_)


@app.callback()
def _log() -> None:
    """What is logged goes to stderr, so that stdout is the verb's own."""
    set_up_log("warning")


@app.command("replay")
def replay_(
    patient: Annotated[str, typer.Option(metavar="ID", help="The patient, as named in the manifest.")],
    protocol: Annotated[str, typer.Option(metavar="ID", help="A protocol of `sonoedge protocol list`.")] = "blue-6",
    data: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The folder with manifest.csv; otherwise SONOEDGE_DATA/covid_blues.")
    ] = None,
    machine: MachineOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Read the recordings of a patient and print what each zone shows. Research use, not a diagnosis."""
    asked = catalogue().named(protocol)
    clips = clips_of(data or example_data(COHORT, OWN_RECORDINGS), patient)
    settings, made_by = own_settings(), machine_of(machine)
    with working("loading the model"):
        reader = decide(settings.model, Shelf.of(settings.data_dir), settings.threads).reader
    with bar(*CLIPS) as progress:
        task = progress.add_task("", total=len(clips), frames=0)
        done = replay(asked, clips, _reading(reader, made_by, progress, task))
    shown = _Shown(clips[0].patient, reader.release, done.summary, done)
    typer.echo(json.dumps(_record(shown)) if as_json else "\n".join(_lines(shown)))
    if not done.speaking:
        raise SourceUnreadable(f"No clip of {shown.patient} could be read as a zone of {asked.id}", "The reasons are printed above")


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is printed, in either form."""

    patient: str
    release: ModelRelease
    summary: ExamSummary
    replay: Replay


def _reading(
    reader: Reader, machine: Machine | None, progress: Progress, task: TaskID
) -> Callable[[ManifestClip, Acquisition], ClipFinding]:
    def each_frame() -> None:
        progress.update(task, frames=progress.tasks[task].fields["frames"] + 1)

    def read(clip: ManifestClip, asked: Acquisition) -> ClipFinding:
        progress.update(task, description=f"{clip.zone} {clip.path.name}")
        try:
            with stated(open_file(clip.path), machine) as source:
                return read_recording(source, reader, each_frame, Limits(asked.depth_mm, asked.presets)).finding
        finally:
            progress.advance(task)

    return read


def _record(shown: _Shown) -> dict[str, object]:
    """For machines; the keys are stable."""
    clip_of = {each.clip.zone: each.clip.path.name for each in shown.replay.speaking}
    summary, protocol = shown.summary, shown.replay.exam.protocol
    return {
        "patient": shown.patient,
        "protocol": protocol.id,
        "protocol_version": protocol.version,
        "model": shown.release.version,
        "simulated": summary.simulated,
        "machines": list(summary.machines),
        "machine_mark": summary.machine_mark,
        "notice": NOTICE,
        "zones": [{**asdict(zone), "machine_mark": zone.machine_mark, "clip": clip_of.get(zone.id)} for zone in summary.zones],
        "sum": {**_total(summary), "text": summary.sum, "note": summary.note},
        "others": [
            {"zone": each.clip.zone, "clip": each.clip.path.name, "quality": each.finding.quality, "reason": each.finding.reason}
            for each in shown.replay.others
        ],
        "unread": [{"zone": clip.zone, "clip": clip.path.name, "error": str(error)} for clip, error in shown.replay.unread],
        "strangers": [{"zone": clip.zone, "clip": clip.path.name} for clip in shown.replay.strangers],
    }


def _total(summary: ExamSummary) -> dict[str, object]:
    return {**asdict(summary.total), "complete": summary.total.complete} if summary.total else {}


def _lines(shown: _Shown) -> Iterator[str]:
    summary, protocol = shown.summary, shown.replay.exam.protocol
    simulated = "  SIMULATED" if summary.simulated else ""
    yield f"{shown.patient}  {protocol.id} {protocol.version}  model {shown.release.version}{simulated}  {NOTICE}"
    yield machine_line(summary.machines, summary.machine_marks)
    yield ""
    head = ("zone", "name", "state", "quality", *(label.name for label in shown.release.findings), "score")
    yield from columns([head, *(_row(zone, shown.release) for zone in summary.zones)])
    yield ""
    yield total_line(summary.sum)
    yield f"{summary.note}."
    yield from _asides(shown)


def _row(zone: ZoneSummary, release: ModelRelease) -> tuple[str, ...]:
    by_key = {each.key: each for each in zone.findings}
    findings = (_cell(by_key.get(label.key), bool(zone.reason)) for label in release.findings)
    quality = "" if zone.quality is None else str(whole(zone.quality))
    return (zone.id, zone.name, zone.state, quality, *findings, "" if zone.score is None else zone.score.text)


def _cell(finding: FindingSummary | None, not_assessable: bool) -> str:
    """No number where the image is too poor to tell."""
    if finding is None:
        return ""
    return finding.word if not_assessable else f"{finding.word} {percent(finding.probability)} %"


def _asides(shown: _Shown) -> Iterator[str]:
    for zone in shown.summary.zones:
        if zone.reason:
            yield f"{zone.id}: {zone.state}, {zone.reason}"
        if zone.faults:
            faults = ", ".join(f"{code} in {frames}" for code, frames in zone.faults.items())
            yield f"{zone.id}: of {zone.frames} frames {faults}"
    for each in shown.replay.others:
        yield f"{each.clip.zone}: {each.clip.path.name} (quality {whole(each.finding.quality)}) also read; the better clip counts"
    for clip, error in shown.replay.unread:
        yield f"{clip.zone}: {clip.path.name} could not be read: {error}"
    for clip in shown.replay.strangers:
        yield f"{clip.path.name}: {shown.replay.exam.protocol.id} has no zone '{clip.zone}', so it was not read"
