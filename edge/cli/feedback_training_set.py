"""`sonoedge feedback training-set`: the labelled exams of this site without their patients, to train a network on."""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.audit import records
from edge.cli.exam_records import AsJson
from edge.cli.exam_services import shell_actor
from edge.cli.own import own_settings
from edge.cli.progress import counting
from edge.exam.stored import StoredExams
from edge.exchange.deidentified.key import site_key
from edge.exchange.training_set.made import CHECK, Made
from edge.notice import NOTICE
from edge.services.training_set import TrainingSetService


def training_set(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The new folder; nothing is overwritten.")],
    licence: Annotated[str, typer.Option(metavar="TEXT", help="Who may use the set, and for what: your site states it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write the clips that readers labelled, without their patients, to train a network on. Research use, not a diagnosis.

    The folder appears when it is complete. What cannot be exported safely is left out and counted, with the reason.
    """
    settings = own_settings()
    with records() as store, counting("clips") as counted:
        service = TrainingSetService(StoredExams(store, settings.data.exams), lambda: site_key(settings.data_dir))
        made = service.export(shell_actor(), folder, licence, counted)
    check = folder.with_name(folder.name + CHECK)
    typer.echo(json.dumps(_ready(folder, check, made)) if as_json else "\n".join(_lines(folder, check, made)))


def _ready(folder: Path, check: Path, made: Made) -> dict[str, object]:
    of = made.described
    counts = {"clips": len(of.rows), "patients": of.patients, "exams": len(made.exams), "labels": of.labels}
    left = {why.name.lower(): count for why, count in of.left.items() if count}
    about = {"folder": str(folder), "check": str(check), "set": of.ident, "licence": of.licence, "manifest_sha256": made.manifest_sha256}
    return {**about, **counts, "left": left, "contradicted_labels": of.contradicted, "notice": NOTICE}


def _lines(folder: Path, check: Path, made: Made) -> list[str]:
    of = made.described
    lines = [f"{folder}: {len(of.rows)} clips of {of.patients} patients in {len(made.exams)} exams. {NOTICE.capitalize()}."]
    lines += [f"  {key}: {counts['yes']} yes, {counts['no']} no" for key, counts in of.labels.items()]
    lines += [f"  left out, {count} clips: {why.value}" for why, count in of.left.items() if count]
    lines += [f"  left out, {of.contradicted} labels: readers contradict each other"] if of.contradicted else []
    return [*lines, f"Look at every picture in {check} before you give {folder} away, and keep them: they show the patients."]
