"""`sonoedge infer`: reads recordings and prints one line per clip: what it shows, or why it cannot be assessed."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from edge.cli.clip_lines import ClipLine, Layout, line_of, unread_line, writer_of
from edge.cli.machine import MachineOption, machine_of
from edge.cli.own import own_settings
from edge.cli.progress import CLIPS, bar, working
from edge.exam.recording import read_recording
from edge.health.log import set_up_log
from edge.inference.choice import decide
from edge.inference.reader import Reader
from edge.inference.shelf import Shelf
from firmware_bridge.errors import BridgeError, SourceUnreadable
from firmware_bridge.machine import Machine
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.find import find_recordings, not_there
from firmware_bridge.sources.stated import stated


def infer(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Videos, DICOM objects, images, or folders of them.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line, one line per clip.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One header line, then one line per clip.")] = False,
    model: Annotated[Path | None, typer.Option(metavar="FOLDER", help="A model release to use instead of the one in the settings.")] = None,
    machine: MachineOption = None,
    threads: Annotated[int | None, typer.Option(help="Threads of the network, instead of the number in the settings.")] = None,
) -> None:
    """Read every frame of recordings and print what each clip shows. Research use, not a diagnosis."""
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv cannot both be given")
    layout = Layout.JSON if as_json else Layout.CSV if as_csv else Layout.TEXT
    set_up_log("warning")
    settings = own_settings({"model": model, "threads": threads})
    made_by = machine_of(machine)
    found = find_recordings(paths)
    with working("loading the model"):
        reader = decide(settings.model, Shelf.of(settings.data_dir), settings.threads).reader
    typer.echo(f"clips: {len(found.recordings)}, {found.skipped_text}", err=True)
    read = _read_all(found.recordings, reader, layout, made_by)
    if not read:
        raise SourceUnreadable("No clip could be read", "Each line above states why; give videos, DICOM objects or images")
    if found.absent:
        raise not_there(found.absent)


def _read_all(recordings: tuple[Path, ...], reader: Reader, layout: Layout, machine: Machine | None) -> int:
    """Prints the line of each clip as soon as it is read; returns the number of clips that could be read."""
    read = 0
    with bar(*CLIPS) as progress:
        write = writer_of(layout, reader.release, sys.stdout)
        task = progress.add_task("", total=len(recordings), frames=0)
        for path in recordings:
            progress.update(task, description=path.name)
            line = _read_one(path, reader, machine, progress, task)
            write(line)
            read += line.error is None
            progress.advance(task)
    return read


def _read_one(path: Path, reader: Reader, machine: Machine | None, progress: Progress, task: TaskID) -> ClipLine:
    def each_frame() -> None:
        progress.update(task, frames=progress.tasks[task].fields["frames"] + 1)

    try:
        with stated(open_file(path), machine) as source:
            return line_of(path, reader.release, read_recording(source, reader, each_frame))
    except BridgeError as error:
        return unread_line(path, reader.release, error)
