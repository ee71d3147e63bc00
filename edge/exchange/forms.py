"""The forms in which a person takes an exam along, each in a place of its own in one folder."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from edge.disk.durable import make_folder, replace_file
from edge.exam.report.picture import shots_of
from edge.exam.report.press import pressed
from edge.exchange.dicom.written import Objects
from edge.exchange.handed import HandedExam
from edge.inference.reader import Reader
from firmware_bridge.errors import Conflict, DiskRefuses


class Form(str, Enum):
    """By the name of the option that asks for it."""

    DICOM = "dicom"
    FHIR = "fhir"
    HL7 = "hl7"
    PDF = "pdf"
    DEIDENTIFIED = "deidentified"
    BEAMS = "beams"


PLACES: Mapping[Form, str] = {
    Form.DICOM: "dicom",
    Form.FHIR: "fhir.json",
    Form.HL7: "report.hl7",
    Form.PDF: "report.pdf",
    Form.DEIDENTIFIED: "deidentified",
    Form.BEAMS: "beams",
}
OVERVIEW = "deidentified-check.png"
"""Each de-identified image before and after. It shows the patient's data, so it lies next to what is given away."""


class FormThere(Conflict):
    """The folder has this form of an exam already."""

    code = "form-there"


class FormNotWritten(DiskRefuses):
    """The disk refuses a form; the forms before it are whole."""

    code = "form-not-written"


@dataclass(frozen=True, slots=True)
class Sources:
    """What the forms are made of.

    `reader` draws the class maps, None where its release is gone; `key` is the secret for pseudonyms. `work` is a folder of the appliance
    for files that do not stay.
    """

    exam: HandedExam
    reader: Reader | None
    key: Callable[[], bytes]
    work: Path


@dataclass(slots=True)
class Made:
    """The files by their places in the folder, and in words what of the exam is not in them."""

    files: list[Path] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    objects: Objects = field(default_factory=Objects)


def write_forms(forms: Sequence[Form], sources: Sources, into: Path, progress: Callable[[Form], None]) -> Made:
    """Writes an exam in these forms; `progress` receives each before it is written. Nothing is overwritten.

    Raises:
        FormThere: the folder has one of them already; then nothing is written.
        FormNotWritten, DicomNotWritten: the disk refuses one.
        NoBeams: no clip has a recording with a geometry.
        ReportNotPrinted: the process that prints failed.
    """
    for form in forms:
        if (into / PLACES[form]).exists():
            raise FormThere(f"{into / PLACES[form]} is there already", "Name another folder, or move it: nothing is overwritten")
    made = Made()
    for form in (each for each in Form if each in forms):
        progress(form)
        try:
            make_folder(into)
            WRITERS[form](sources, into / PLACES[form], made)
        except OSError as error:
            raise FormNotWritten(
                f"{into / PLACES[form]} cannot be written ({error.strerror})", "Free some room, or name another folder"
            ) from error
    return made


def _dicom(sources: Sources, place: Path, made: Made) -> None:
    from edge.exchange.dicom.objects import write_objects  # noqa: PLC0415 - heavy, and wanted here only

    made.objects = write_objects(sources.exam, place, reader=sources.reader)
    _add(made, made.objects)


def _fhir(sources: Sources, place: Path, made: Made) -> None:
    """It names the images that were written as DICOM objects before it, if any were."""
    from edge.exchange.fhir.bundle import bundle_of  # noqa: PLC0415 - heavy, and wanted here only

    _write(place, bundle_of(sources.exam, made.objects), made)


def _hl7(sources: Sources, place: Path, made: Made) -> None:
    from edge.exchange.hl7.oru import oru_of  # noqa: PLC0415 - wanted here only

    _write(place, oru_of(sources.exam), made)


def _pdf(sources: Sources, place: Path, made: Made) -> None:
    exam = sources.exam
    paper = pressed(exam.report, shots_of(exam.report, ((zone.clip.record, zone.clip.path) for zone in exam.zones if zone.clip)))
    made.missing += [paper.remark] if paper.remark else []
    _write(place, paper.content, made)


def _deidentified(sources: Sources, place: Path, made: Made) -> None:
    from edge.exchange.deidentified.writing import write_deidentified  # noqa: PLC0415 - heavy, and wanted here only

    shutil.rmtree(sources.work, ignore_errors=True)  # of an export that a power cut ended
    make_folder(sources.work)
    try:
        _add(made, write_deidentified(sources.exam, place, sources.key(), place.with_name(OVERVIEW), sources.work))
    finally:
        shutil.rmtree(sources.work)


def _beams(sources: Sources, place: Path, made: Made) -> None:
    from edge.exchange.beams.writing import Form as BeamForm  # noqa: PLC0415 - heavy, and wanted here only
    from edge.exchange.beams.writing import write_beams  # noqa: PLC0415 - see above

    for form in BeamForm:
        beams = write_beams(sources.exam, place, form)
        made.files += beams
    made.missing += beams.missing


WRITERS: Mapping[Form, Callable[[Sources, Path, Made], None]] = {
    Form.DICOM: _dicom,
    Form.FHIR: _fhir,
    Form.HL7: _hl7,
    Form.PDF: _pdf,
    Form.DEIDENTIFIED: _deidentified,
    Form.BEAMS: _beams,
}


def _add(made: Made, objects: Objects) -> None:
    made.files += [each.path for each in objects]
    made.missing += [f"{' '.join(filter(None, (each.zone, each.kind)))}: {each.why}" for each in objects.missing]


def _write(place: Path, content: bytes, made: Made) -> None:
    replace_file(place, content)
    made.files.append(place)
