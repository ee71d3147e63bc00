"""The DICOM objects of an exam of this board, with the class maps of the release that read it."""

from pathlib import Path

from edge.exchange.apart import apart
from edge.exchange.dicom.written import Objects
from edge.exchange.handed import HandedExam
from edge.exchange.own_reader import reader_of
from edge.inference.shelf import Shelf


def own_objects(data_dir: Path, exam: HandedExam, into: Path) -> Objects:
    """Writes them into an empty folder; it loads the release, and what writes DICOM. See `write_objects`.

    Raises:
        DicomRefused, DicomNotWritten: the folder holds files, or the disk refuses an object.
    """
    from edge.exchange.dicom.objects import write_objects  # noqa: PLC0415 - heavy, and wanted here only

    return write_objects(exam, into, reader=reader_of(exam, Shelf.of(data_dir)))


def own_objects_apart(data_dir: Path, exam: HandedExam, into: Path) -> Objects:
    """The same in a process of its own, whose memory ends with it.

    Raises:
        DicomRefused, DicomNotWritten: see `own_objects`.
        ProcessEnded: the process ended by itself.
    """
    return apart(own_objects, data_dir, exam, into)
