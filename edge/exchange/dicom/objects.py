"""Writes an exam as DICOM objects, in the order in which they are sent: what refers to an image comes after it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

from edge.disk.durable import make_folder
from edge.exam.report.press import ReportNotPrinted
from edge.exchange.dicom.capture import NO_RELEASE, Maps
from edge.exchange.dicom.clip import write_clip
from edge.exchange.dicom.document import write_document
from edge.exchange.dicom.errors import DicomRefused, not_written
from edge.exchange.dicom.keys import write_keys
from edge.exchange.dicom.place import Found, Place, find
from edge.exchange.dicom.report import write_report
from edge.exchange.dicom.syntax import LOSSLESS, Policy
from edge.exchange.dicom.written import CLIP, DOCUMENT, MAP, REJECTED, REVIEW, Missing, Objects, Written
from edge.exchange.handed import HandedClip, HandedExam, HandedZone
from edge.inference.errors import OutputNotFinite
from edge.inference.reader import Reader
from firmware_bridge.errors import BridgeError

Progress = Callable[[Written], None]
NO_RECORDING = "no recording was made"


def write_objects(
    exam: HandedExam, into: Path, policy: Policy = LOSSLESS, progress: Progress | None = None, *, reader: Reader | None = None
) -> Objects:
    """Writes every object of an exam into the folder `into`, which is made where it is absent.

    `progress` receives each object when it is complete. Without a `reader` of the model release that made the findings, there are no class
    maps. `missing` of the result states whatever is not there, or not whole: nothing is left out in silence. The same exam gives the same
    UIDs.

    Raises:
        DicomRefused: the folder holds files.
        DicomNotWritten: the disk refuses an object; the objects before it are complete.
    """
    work = _Work(exam, Place(_empty(into), policy, count(1)), reader)
    written = []
    for each in work.objects():
        written.append(each)
        if progress is not None:
            progress(each)
    return Objects.of(written, work.missing)


def _empty(folder: Path) -> Path:
    try:
        make_folder(folder)
        if any(folder.iterdir()):
            raise DicomRefused(f"{folder} holds files already", "Give an empty folder, or one that is not there yet")
    except OSError as error:
        raise not_written(folder, error) from error
    return folder


class _Work:
    """One writing of one exam."""

    def __init__(self, exam: HandedExam, place: Place, reader: Reader | None) -> None:
        self._exam, self._place, self._reader = exam, place, reader
        self._found: dict[str, Found] = {}
        self.missing: list[Missing] = []

    def objects(self) -> Iterator[Written]:
        exam, images = self._exam, list[Written]()
        current = [zone.clip for zone in exam.zones if zone.clip is not None]
        for clip in (*current, *exam.rejected):
            for image in self._images(clip):
                images.append(image)
                yield image
        yield from self._maps(images)
        yield write_report(exam, [image for image in images if not image.superseded], self._place.folder)
        yield from self._keys(REJECTED, [image for image in images if image.superseded])
        if exam.exam.over_read:
            yield from self._keys(REVIEW, [image for image in images if not image.superseded])
        yield from self._document()

    def _images(self, clip: HandedClip) -> Iterator[Written]:
        try:
            found = find(clip)
            yield from write_clip(self._exam, found, self._place)
        except (BridgeError, OSError) as error:
            self._miss(CLIP, clip.zone.id, _why(error) if clip.record.file else NO_RECORDING)
            return
        self._found[clip.record.id] = found
        if found.survey.lost:
            self._miss(CLIP, clip.zone.id, found.survey.lost)

    def _maps(self, images: Sequence[Written]) -> Iterator[Written]:
        if self._reader is None:
            self._miss(MAP, "", NO_RELEASE)
            return
        for zone in self._exam.zones:
            found = self._found.get(zone.clip.record.id) if zone.clip else None
            if found is not None:
                own = [image for image in images if image.clip == found.clip.record.id]
                yield from self._maps_of(zone, found, own, Maps(self._exam, self._reader, self._place))

    def _maps_of(self, zone: HandedZone, found: Found, images: Sequence[Written], maps: Maps) -> Iterator[Written]:
        asked, missing = maps.asked(zone, found, images)
        self.missing += missing
        try:
            yield from maps.write(zone, found, asked)
        except (BridgeError, OutputNotFinite, OSError) as error:
            self._miss(MAP, zone.zone.id, _why(error))

    def _keys(self, kind: str, images: Sequence[Written]) -> Iterator[Written]:
        if images:
            number = next(self._place.numbers)
            yield write_keys(self._exam, kind, images, self._place.path(number, kind), number)

    def _document(self) -> Iterator[Written]:
        number = next(self._place.numbers)
        try:
            document, remark = write_document(self._exam, self._place.path(number, DOCUMENT), number)
        except ReportNotPrinted as error:
            self._miss(DOCUMENT, "", error.what)
            return
        if remark:
            self._miss(DOCUMENT, "", remark)
        yield document

    def _miss(self, kind: str, zone: str, why: str) -> None:
        self.missing.append(Missing(kind, zone, why))


def _why(error: BridgeError | OutputNotFinite | OSError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else error.what
