"""`sonoedge exam export`: takes an exam along, as it is recorded or in the forms that other programs read."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.exam_records import AsJson, Id
from edge.cli.exam_services import ExamServices, exam_services
from edge.cli.progress import COUNTED, bar, counting
from edge.exchange.forms import OVERVIEW, Form
from edge.notice import NOTICE, one_text

EXIT_INCOMPLETE = 1

Into = Annotated[Path, typer.Argument(metavar="FOLDER", help="Receives the export; nothing is overwritten.")]
Dicom = Annotated[bool, typer.Option("--dicom", help="DICOM objects: clips, structured report, key objects, PDF.")]
Fhir = Annotated[bool, typer.Option("--fhir", help="A FHIR R4 transaction; with --dicom it names the images.")]
Hl7 = Annotated[bool, typer.Option("--hl7", help="An HL7 v2.5.1 message with the report.")]
Pdf = Annotated[bool, typer.Option("--pdf", help="The report on paper.")]
Deidentified = Annotated[bool, typer.Option("--deidentified", help="DICOM objects without the patient, for teaching and training.")]
Beams = Annotated[bool, typer.Option("--beams", help="The lines of the probe for research: HDF5, MetaImage and NRRD.")]


def export_(
    exam: Id,
    into: Into,
    dicom: Dicom = False,
    fhir: Fhir = False,
    hl7: Hl7 = False,
    pdf: Pdf = False,
    deidentified: Deidentified = False,
    beams: Beams = False,
    as_json: AsJson = False,
) -> None:
    """Copy one exam to a folder: its clips, record and reports, or the forms that are asked for. Research use, not a diagnosis.

    The exit status is 1 if something of the exam is not in the export; stderr states what and why.
    """
    asked = {Form.DICOM: dicom, Form.FHIR: fhir, Form.HL7: hl7, Form.PDF: pdf, Form.DEIDENTIFIED: deidentified, Form.BEAMS: beams}
    forms = [form for form, wanted in asked.items() if wanted]
    with exam_services() as services:
        exam_id = services.book.id_of(services.actor, exam)
        missing = _forms(services, exam_id, forms, into, as_json) if forms else _folder(services, exam_id, into, as_json)
    for each in missing:
        typer.echo(each, err=True)
    if missing:
        raise typer.Exit(EXIT_INCOMPLETE)


def _folder(services: ExamServices, exam_id: str, into: Path, as_json: bool) -> Sequence[str]:
    with counting("clips") as copied:
        exported = services.exports.export(services.actor, exam_id, into, copied)
    simulated, mark = _marks(services, exam_id)
    if as_json:
        about = {"simulated": simulated, "machine_mark": mark, "files": exported.files, "missing": exported.missing}
        typer.echo(json.dumps({"folder": str(exported.folder), **about}))
    else:
        typer.echo(f"{exported.folder}: {len(exported.files)} files{_in_words(simulated, mark)}")
    return exported.missing


def _forms(services: ExamServices, exam_id: str, forms: Sequence[Form], into: Path, as_json: bool) -> Sequence[str]:
    with bar(*COUNTED) as shown:
        task = shown.add_task("reading the exam", total=len(forms))
        made = services.exports.write(
            services.actor, exam_id, forms, into, lambda form: shown.update(task, description=form.value, advance=int(form is not forms[0]))
        )
    simulated, mark = _marks(services, exam_id)
    names = [str(path.relative_to(into)) for path in made.files]
    if as_json:
        about = {"simulated": simulated, "machine_mark": mark, "files": names, "missing": made.missing, "notice": NOTICE}
        typer.echo(json.dumps({"folder": str(into), **about}))
    else:
        typer.echo(f"{into}: {len(names)} files{_in_words(simulated, mark)}  {NOTICE}")
        if Form.DEIDENTIFIED in forms:
            typer.echo(
                f"Look at {into / OVERVIEW} before you give {into / Form.DEIDENTIFIED.value} away, and keep it: it shows the patient."
            )
    return made.missing


def _marks(services: ExamServices, exam_id: str) -> tuple[bool, str]:
    clips = services.book.clips(services.actor, exam_id)
    return services.book.get(services.actor, exam_id).simulated, one_text(clip.machine_mark for clip in clips)


def _in_words(simulated: bool, mark: str) -> str:
    return f"{'  SIMULATED' if simulated else ''}{f'  {mark}' if mark else ''}"
