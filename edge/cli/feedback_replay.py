"""`sonoedge feedback replay`: plays a folder of recorded patients as a ward with simulated readers, and checks what the feedback finds."""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from edge.bench.ward.column_map import SHIPPED, load_ward_map
from edge.bench.ward.patients import patients_in
from edge.bench.ward.place import prepare
from edge.bench.ward.readers import Error, SimulatedReader
from edge.bench.ward.staff import NAMES, OPERATOR, READER
from edge.bench.ward.ward import Played, Ward, dashboard, play
from edge.cli.exam_records import AsJson
from edge.cli.feedback_replay_text import Replayed, lines_of, record_of
from edge.cli.own import own_settings
from edge.cli.progress import COUNTED, bar, working
from edge.exam.protocol.file import load_catalogue
from edge.health.log import set_up_log
from edge.inference.choice import decide
from edge.inference.reader import Reader
from edge.inference.shelf import Shelf
from edge.settings import Settings

EXIT_FAILED = 1
TEMPORARY = "sonoedge-ward-"


def replay(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Recorded patients with labels, such as COVID-BLUES.")],
    data_dir: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="An empty data folder for the ward; the default is a temporary one, which stays.")
    ] = None,
    map_: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="The column map in YAML; the default is COVID-BLUES.")] = None,
    miss: Annotated[
        str, typer.Option(metavar="A,B", help="How often the simulated operator and reader miss a finding: two shares.")
    ] = "0.15,0.05",
    overcall: Annotated[str, typer.Option(metavar="A,B", help="How often they see one that is absent: two shares.")] = "0.05,0.20",
    seed: Annotated[str, typer.Option(help="Of the errors; the same seed makes the same ones.")] = "2",
    every: Annotated[int, typer.Option(min=1, max=25, help="Read every n-th frame; 1 reads all, as an exam does.")] = 4,
    clips: Annotated[
        bool, typer.Option("--clips", help="Store the frames that are read with the exams, so that the page has films; 1 to 2 MB a clip.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Play recorded patients as a ward, and check that the feedback finds the simulated readers' errors. Research use, not a diagnosis.

    Nothing of it belongs to the records of this appliance. Exit status 1: an error rate was not found.
    """
    set_up_log("error")
    rates = [_shares("--miss", miss), _shares("--overcall", overcall)]
    operator, reader = (
        SimulatedReader(badge, NAMES[badge], dict(zip(Error, each, strict=True)), seed)
        for badge, each in zip((OPERATOR, READER), zip(*rates, strict=True), strict=True)
    )
    about = load_ward_map(map_ or SHIPPED)
    patients = patients_in(folder, about, load_catalogue().named(about.protocol))
    settings = own_settings({"data_dir": (data_dir or Path(tempfile.mkdtemp(prefix=TEMPORARY))).absolute()})
    prepare(settings.data, about)
    ward = Ward(about, patients, operator, reader, every, with_clips=clips)
    with working("loading the model"):
        model = decide(settings.model, Shelf.of(settings.data_dir), settings.threads).reader
    played = _played(ward, settings, model)
    with working("computing the dashboard"):
        found = dashboard(ward, settings, load_catalogue(), played.staff)
    replayed = Replayed(ward, played, found, model.release.ident, settings.data_dir)
    typer.echo(json.dumps(record_of(replayed)) if as_json else "\n".join(lines_of(replayed)))
    if not replayed.passed:
        raise typer.Exit(EXIT_FAILED)


def _played(ward: Ward, settings: Settings, model: Reader) -> Played:
    with bar(*COUNTED) as progress:
        task = progress.add_task("clips", total=sum(len(patient.clips) for patient in ward.patients))

        def each_clip(name: str) -> None:
            progress.update(task, advance=1, description=name)

        return play(ward, settings, load_catalogue(), model, each_clip)


def _shares(option: str, text: str) -> tuple[float, float]:
    try:
        one, other = map(float, text.split(","))
    except ValueError:
        one = other = -1.0
    if not (0 <= one <= 1 and 0 <= other <= 1):
        raise typer.BadParameter(f"{option} {text}: give two shares from 0 to 1 with a comma between them, such as 0.15,0.05")
    return one, other
