"""Writes an exam without its patient into a folder: its DICOM objects, each cleaned, and no document."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from pydicom import Dataset, dcmread

from edge.disk.durable import make_folder
from edge.exchange.codes import zone_code
from edge.exchange.deidentified.coded import known_codes
from edge.exchange.deidentified.dataset import deidentified, patient_of
from edge.exchange.deidentified.overview import pair_of, write_overview
from edge.exchange.deidentified.pixels import NotCleanable, PixelCleaner, write_clean
from edge.exchange.deidentified.pseudonyms import Pseudonyms
from edge.exchange.deidentified.values import Allowed
from edge.exchange.dicom.frames import Part
from edge.exchange.dicom.objects import write_objects
from edge.exchange.dicom.place import find
from edge.exchange.dicom.written import DOCUMENT, Missing, Objects, Written
from edge.exchange.handed import HandedExam
from edge.exchange.stated import NO_PATIENT
from edge.notice import MACHINE_CHANGED, NOT_VALIDATED, NOTICE
from edge.vision.region import Flags, FoundBy
from firmware_bridge.errors import BridgeError, InputRefused
from firmware_bridge.machine import Machine

NO_DOCUMENT = "a document holds free text and pictures of a page, which cannot be checked"


class OverviewInside(InputRefused):
    """The overview would become part of the export."""

    code = "overview-inside"


def write_deidentified(exam: HandedExam, into: Path, key: bytes, overview: Path, scratch: Path | None = None) -> Objects:
    """Writes the objects of an exam without its patient; `missing` states which are not written, and why.

    `key` is the secret of the site (`site_key`). `overview` becomes a PNG of each image before and after, for a person of the site to
    check: it shows what was removed. The objects with the patient's name are for a moment in `scratch` (None: the system's folder), and
    never in `into`.

    Raises:
        OverviewInside: `overview` lies in `into`.
        DicomNotWritten, OSError: the disk refuses it.
    """
    if overview.resolve().is_relative_to(into.resolve()):
        raise OverviewInside(f"{overview} lies in the folder that is given away", "Name a file elsewhere: it shows the patient's data")
    make_folder(into)
    with TemporaryDirectory(dir=scratch) as folder:
        found = write_objects(exam, Path(folder))
        work = _Work(exam, into, key, overview_rows=[])
        made = [work.write(each, f"{number:04d}-{each.kind}.dcm") for number, each in enumerate(found, start=1)]
    if work.overview_rows:
        write_overview(work.overview_rows, overview)
    unwritten = (each for each in made if isinstance(each, Missing))
    return Objects.of((each for each in made if isinstance(each, Written)), (*found.missing, *unwritten))


def words_of(exam: HandedExam) -> frozenset[str]:
    """The free text that may stay: the names of machines and models, their versions, the notice and marks. No serial numbers."""
    machines = [Machine.named(name) for name in exam.summary.machines]
    names = (word for machine in machines for word in (machine.maker, machine.model, machine.scanner, machine.probe))
    models = (word for each in exam.algorithms.values() for word in (each.name, each.version, each.sha256))
    station = (exam.station.manufacturer, exam.station.model, *exam.station.versions)
    return frozenset({NOTICE, NO_PATIENT, NOT_VALIDATED, MACHINE_CHANGED, *names, *models, *station}) - {""}


@dataclass(frozen=True, slots=True)
class _Work:
    """One export; `overview_rows` grows with each image, and `parts` are those of each clip by its id, which several objects share."""

    exam: HandedExam
    into: Path
    key: bytes
    overview_rows: list[Image.Image]
    parts: dict[str, tuple[Part, ...]] = field(default_factory=dict)

    def write(self, each: Written, name: str) -> Written | Missing:
        """Writes one object as `name`."""
        if each.kind == DOCUMENT:
            return Missing(each.kind, each.zone, NO_DOCUMENT)
        dataset = dcmread(each.path, stop_before_pixels=True)
        path = self.into / name
        try:
            cleaner = PixelCleaner(each.path, self._mask(each)) if "Rows" in dataset else None
            clean = deidentified(dataset, self._allowed(dataset))
            write_clean(clean, path, cleaner, each.path)
        except NotCleanable as error:
            return Missing(each.kind, each.zone, str(error))
        if cleaner is not None:
            self.overview_rows.append(pair_of(f"{name} {each.zone}", cleaner))
        study, series, instance = (str(uid) for uid in (clean.StudyInstanceUID, clean.SeriesInstanceUID, clean.SOPInstanceUID))
        return replace(each, path=path, clip="", study=study, series=series, sop_instance=instance)

    def _allowed(self, dataset: Dataset) -> Allowed:
        protocol = self.exam.protocol
        zones = (zone_code(protocol.id, zone.id, zone.name) for zone in protocol.zones)
        return Allowed(Pseudonyms(self.key, patient_of(dataset)), words_of(self.exam), known_codes(zones))

    def _mask(self, each: Written) -> Flags | None:
        """Where the recorded frames of an object are ultrasound; None where the recording is gone, or does not state it."""
        if each.clip not in self.parts:
            self.parts[each.clip] = _parts(self.exam, each.clip)
        regions = (part.region for part in self.parts[each.clip] if each.first in part.sequences)
        return next((region.mask for region in regions if region.found_by is not FoundBy.NOTHING), None)


def _parts(exam: HandedExam, clip_id: str) -> tuple[Part, ...]:
    """The parts of a clip; none where its recording is gone."""
    clips = (*(zone.clip for zone in exam.zones if zone.clip), *exam.rejected)
    clip = next((clip for clip in clips if clip.record.id == clip_id), None)
    try:
        return find(clip).survey.parts if clip else ()
    except BridgeError:
        return ()
