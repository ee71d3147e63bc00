"""`sonoedge feedback course`: the share of the pleural line with B-lines, by zone and over the exams of one patient."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from edge.cli.audit import records
from edge.cli.columns import columns
from edge.cli.exam_records import AsJson
from edge.cli.exam_services import shell_actor
from edge.cli.own import own_settings
from edge.cli.progress import COUNTED, bar, working
from edge.cli.protocol import catalogue
from edge.exam.stored import StoredExams
from edge.feedback.pleura.clip import REPEATS_WITHIN
from edge.feedback.pleura.measure import measured
from edge.feedback.pleura.stored import StoredShares
from edge.inference.choice import decide
from edge.inference.reader import Reader
from edge.inference.shelf import Shelf
from edge.inference.shown import whole
from edge.notice import NOTICE, one_text
from edge.people.actor import Actor
from edge.people.policy import load_policy
from edge.services.course import Course, CourseRow, CourseService
from edge.services.review import ReviewService, rule_of
from edge.settings import Settings

BAR = 20
"""Characters of a bar of 100 %."""

Patient = Annotated[str, typer.Argument(metavar="PATIENT", help="The identifier that `sonoedge exam list` shows, or the id.")]


def course(patient: Patient, as_json: AsJson = False) -> None:
    """Print below how much of the pleural line B-lines run, by zone and exam of one patient. Research use, not a diagnosis."""
    settings, actor = own_settings(), shell_actor()
    with records() as store:
        shares, protocols = StoredShares(settings.data.pleura_shares), catalogue()
        reviews = ReviewService(store, protocols, rule_of(load_policy(settings.data_dir)))
        reader = _reader(settings)
        service = CourseService(StoredExams(store, settings.data.exams), protocols, reviews.shows, shares, lambda: reader.release)
        found = _measured(service, actor, service.named(actor, patient).id, shares, reader)
    typer.echo(json.dumps(_ready(found), default=str) if as_json else "\n".join(_lines(found)))


def _reader(settings: Settings) -> Reader:
    with working("loading the model"):
        shelf = Shelf.of(settings.data_dir)
        return shelf.at_site(decide(settings.model, shelf, settings.threads).reader)


def _measured(service: CourseService, actor: Actor, patient_id: str, shares: StoredShares, reader: Reader) -> Course:
    """The course, after every clip that is missing was measured; each is stored at once, so that an interruption costs nothing."""
    missing = service.course(actor, patient_id).missing
    with bar(*COUNTED) as progress:
        task = progress.add_task("clips", total=len(missing))
        for clip in missing:
            shares.put(measured(reader, clip))
            progress.advance(task)
    return service.course(actor, patient_id)


def _ready(found: Course) -> dict[str, object]:
    rows = [{**asdict(row), "measured": row.measured and asdict(row.measured)} for row in found.rows]
    return {"patient": asdict(found.patient), "release": found.release.ident, "rows": rows, "notice": NOTICE}


def _lines(found: Course) -> Iterator[str]:
    who = f"{found.patient.identifier} ({found.patient.issuer})"
    yield f"{who}  B-lines below the pleural line, by zone  read by {found.release.ident}  {NOTICE}"
    if not found.rows:
        yield "No zone of an ended exam is done."
        return
    yield ""
    rows = sorted(found.rows, key=lambda row: row.zone)  # the exams of a zone stay in their order
    yield from columns([("zone", "exam begun (UTC)", "share", "", "half of the frames", "mark"), *map(_row, rows)])
    yield ""
    yield f"Two measurements of one zone can differ by {REPEATS_WITHIN} points. The share is not validated as a measure of disease."


def _row(row: CourseRow) -> tuple[str, ...]:
    about = (row.zone, f"{row.begun_at:%Y-%m-%d %H:%M}")
    share = row.measured.share if row.measured else None
    if share is None or share.share is None or share.low is None or share.high is None:
        return (*about, "-", "", row.code, _mark(row))
    filled = round(share.share / 100 * BAR)
    spread = f"{whole(share.low)} to {whole(share.high)} %"
    return (*about, f"{whole(share.share)} %", "#" * filled + "." * (BAR - filled), spread, _mark(row))


def _mark(row: CourseRow) -> str:
    return one_text(["SIMULATED" if row.simulated else "", row.machine_mark])
