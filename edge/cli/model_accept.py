"""`sonoedge model accept`: judges a release on labelled recordings of one machine, and accepts it there if the figures carry that.

The labels are in a table, with the recordings in a folder, or they are what readers stated of the exams of this appliance.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.accept_read import Usable, of_table, usable_clips
from edge.cli.audit import records
from edge.cli.columns import columns
from edge.cli.exam_services import shell_actor
from edge.cli.model_find import RELEASE, AsJson, folder_of, settings_and_shelf
from edge.cli.operator_sign_in import signed
from edge.cli.pin import As
from edge.cli.progress import working
from edge.cli.protocol import catalogue
from edge.disk.durable import replace_file
from edge.exam.labelled import Labelled, LabelledReader
from edge.exam.stored import StoredExams
from edge.inference.acceptance.acceptance import Acceptance
from edge.inference.acceptance.errors import AcceptanceNotWritten, AcceptanceRefused
from edge.inference.acceptance.judge import Judged, TooFew, judge
from edge.inference.acceptance.page import Judgements, page, rows, verdict
from edge.inference.acceptance.table import PATIENT, read_labels
from edge.inference.admission import admit
from edge.inference.choice import decide
from edge.inference.reader import Reader
from edge.inference.shelf import Shelf
from edge.notice import NOTICE
from edge.services.acceptance import AcceptanceService, Judgement
from edge.services.label import LabelService
from edge.settings import Settings
from firmware_bridge.machine import EXAMPLES, Machine

REPORT = Path("acceptance.html")
FOLDER = "A folder of recordings of this machine, with subfolders; needs --labels."
LABELS = f"A table (CSV): file, {PATIENT}, then one column a finding: yes, no, or empty where nobody knows."
EXAMS = "Use the exams of this appliance that readers reviewed, instead of CLIPS and --labels."


@dataclass(frozen=True, slots=True)
class _Judging:
    """What is judged, and on what."""

    reader: Reader
    machine: Machine
    labelled: Labelled
    every: int
    used: Usable
    findings: tuple[Judged | TooFew, ...]

    @property
    def met(self) -> tuple[Judged, ...]:
        return tuple(each for each in self.findings if isinstance(each, Judged) and not each.shortfalls)


def accept(
    machine: Annotated[str, typer.Option(metavar="NAME", help=f"The machine that made them, such as {EXAMPLES}.")],
    clips: Annotated[Path | None, typer.Argument(metavar="[CLIPS]", help=FOLDER)] = None,
    labels: Annotated[Path | None, typer.Option(metavar="FILE", help=LABELS)] = None,
    patient: Annotated[str, typer.Option(metavar="COLUMN", help="The column of the patients.")] = PATIENT,
    exams: Annotated[bool, typer.Option("--exams", help=EXAMS)] = False,
    model: Annotated[str | None, typer.Option(metavar="RELEASE", help=RELEASE + " The default is the one that reads.")] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The last day on which the acceptance holds.")
    ] = None,
    every: Annotated[int, typer.Option(min=1, metavar="N", help="Read only each N-th frame of a recording.")] = 1,
    report: Annotated[Path, typer.Option(metavar="FILE.html", help="Where to write the report.")] = REPORT,
    as_json: AsJson = False,
    badge: As = "",
) -> None:
    """Judge a release on labelled recordings of one machine, and accept it there. Research use, not a diagnosis.

    Prints the figures and writes a report. With --as BADGE, an over-reader or an administrator then accepts the findings that met every
    limit: on this machine, they are decided with the local calibration, until you withdraw it or another release reads. If the command
    stops, run it again to continue.
    """
    _require_one_source(clips, labels, exams, patient)
    settings, shelf = settings_and_shelf()
    of = Machine.stated(machine)
    if not of.scanner:
        raise AcceptanceRefused("A release is accepted on a known machine only", f"Name it, such as {EXAMPLES}")
    with working("loading the model"):
        reader = _reader(settings, shelf, model)
    keys = [label.key for label in reader.release.findings]
    labelled = of_table(clips, read_labels(labels, clips, keys, patient)) if clips and labels else _of_exams(settings, of, keys)
    used = usable_clips(labelled, LabelledReader(settings.data.labelled_readings, reader, every), of)
    with working("judging"):
        judging = _Judging(reader, of, labelled, every, used, judge(reader.release.findings, reader.release.alpha, used.clips))
    _write(report, page(_report(judging)))
    if not as_json:
        typer.echo("\n".join(_lines(judging, report)))
    elif not judging.met:
        typer.echo(json.dumps(_record(judging, report, None)))
    if not judging.met:
        reasons = ". ".join(f"{each.label.name}: {'; '.join(each.shortfalls)}" for each in judging.findings)
        fix = f"See {report}. Label recordings of more patients, or use another release"
        raise AcceptanceRefused(f"{reader.release.ident} is not accepted on {of.name}. {reasons}", fix)
    made = _signed(judging, badge, until) if badge else None
    typer.echo(json.dumps(_record(judging, report, made)) if as_json else _outcome(judging, made))


def _require_one_source(clips: Path | None, labels: Path | None, exams: bool, patient: str) -> None:
    if exams and (clips or labels or patient != PATIENT):
        raise typer.BadParameter("give --exams without CLIPS, --labels and --patient")
    if not exams and not (clips and labels):
        raise typer.BadParameter("give CLIPS and --labels, or --exams")


def _of_exams(settings: Settings, machine: Machine, keys: Sequence[str]) -> Labelled:
    with records() as store, working("searching the exams"):
        return LabelService(StoredExams(store, settings.data.exams), catalogue()).of_exams(shell_actor(), machine, keys)


def _reader(settings: Settings, shelf: Shelf, model: str | None) -> Reader:
    if model is None:
        return decide(settings.model, shelf, settings.threads).reader
    return admit(shelf.trusted(folder_of(shelf, model)), settings.threads)


def _signed(judging: _Judging, badge: str, until: datetime | None) -> Acceptance:
    """The PIN is asked for now, after the figures: to type it is to accept them."""
    judgement = Judgement(
        release=judging.reader.release,
        machine=judging.machine,
        clips=len(judging.used.clips),
        patients=judging.used.patients,
        every=judging.every,
        labels_sha256=judging.labelled.sha256,
        labels_read=judging.used.labels_read,
        findings=judging.met,
    )
    with signed(badge, board=False) as person:
        return AcceptanceService.of(person.store).accept(person.actor, judgement, until.date() if until else None)


def _write(path: Path, text: str) -> None:
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise AcceptanceNotWritten(f"{path} cannot be written ({error.strerror})", "Name another file with --report") from error


def _about(judging: _Judging) -> list[tuple[str, str]]:
    release = judging.reader.release
    return [
        ("release", f"{release.ident}, sha256 {release.sha256}"),
        ("machine", judging.machine.name),
        ("source", judging.labelled.source),
        ("clips and patients", f"{len(judging.used.clips)} of {judging.used.patients}"),
        ("frames read", "every one" if judging.every == 1 else f"one of {judging.every}"),
        ("labels", f"sha256 {judging.labelled.sha256}"),
        *_labels_read(judging.used),
    ]


def _labels_read(used: Usable) -> list[tuple[str, str]]:
    if used.labels_read is None:
        return []
    flatters = ", which flatters the model" if used.labels_read.in_view else ""
    return [("labels read", f"{used.labels_read.blind} blind, {used.labels_read.in_view} with the model's answer in view{flatters}")]


def _report(judging: _Judging) -> Judgements:
    return Judgements(judging.reader.release.ident, judging.machine.name, _about(judging), judging.used.notes, judging.findings)


def _lines(judging: _Judging, report: Path) -> list[str]:
    parts = [[f"{judging.reader.release.ident} on {judging.machine.name}. {NOTICE.capitalize()}."], columns(_about(judging))]
    parts += [list(judging.used.notes)] if judging.used.notes else []
    for each in judging.findings:
        table = columns(rows(each)) if isinstance(each, Judged) else []
        parts.append([f"{each.label.name}: {verdict(each)}", *table])
    return ["\n\n".join("\n".join(part) for part in parts), "", f"The report is in {report}"]


def _outcome(judging: _Judging, made: Acceptance | None) -> str:
    names = ", ".join(each.label.name for each in judging.met)
    if made is None:
        return (
            f"Nothing is accepted yet. To accept {names} on {judging.machine.name}, run this again with --as BADGE. {NOTICE.capitalize()}."
        )
    until = f" until {made.until}" if made.until else ""
    return f"{made.by} accepted {made.release} on {made.machine} for {names}{until}. Acceptance {made.id}. {NOTICE.capitalize()}."


def _record(judging: _Judging, report: Path, made: Acceptance | None) -> dict[str, object]:
    """For machines; the keys are stable."""
    return {
        "release": judging.reader.release.ident,
        "machine": judging.machine.name,
        "clips": len(judging.used.clips),
        "patients": judging.used.patients,
        "every": judging.every,
        "notes": list(judging.used.notes),
        "labels_read": judging.used.labels_read and judging.used.labels_read.model_dump(),
        "findings": {each.label.key: _finding(each) for each in judging.findings},
        "accepted": made.id if made else None,
        "report": str(report),
        "notice": NOTICE,
    }


def _finding(each: Judged | TooFew) -> dict[str, object]:
    shortfalls: Sequence[str] = each.shortfalls
    figures = {"auc": asdict(each.auc), "before": asdict(each.before), "after": asdict(each.after)} if isinstance(each, Judged) else {}
    return {"met": not shortfalls, "shortfalls": list(shortfalls), **asdict(each.counts), **figures}
