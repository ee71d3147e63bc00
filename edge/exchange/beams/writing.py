"""Writes the clips of an exam as lines of the probe: a file for each zone, or several where geometry or settings changed in a clip."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from typing_extensions import Self

from edge.disk.durable import make_folder
from edge.exam.taking.capture import Window
from edge.exchange.beams.hdf5 import write_hdf5
from edge.exchange.beams.inverse import NoBeams
from edge.exchange.beams.metaimage import write_metaimage
from edge.exchange.beams.nrrd import write_nrrd
from edge.exchange.beams.parts import Lines, lines_of
from edge.exchange.handed import HandedClip, HandedExam
from firmware_bridge.errors import BridgeError

FIX = "Record with a probe that states its geometry, or export the images as DICOM"


class Form(Enum):
    """A form of file, by the end of its name."""

    HDF5 = ".hdf5"
    METAIMAGE = ".mha"
    NRRD = ".seq.nrrd"


WRITERS: Mapping[Form, Callable[[Path, Lines], None]] = MappingProxyType(
    {Form.HDF5: write_hdf5, Form.METAIMAGE: write_metaimage, Form.NRRD: write_nrrd}
)


class Beams(tuple[Path, ...]):
    """The files of an exam; `missing` states in words which zones are not among them, and why."""

    missing: tuple[str, ...] = ()

    @classmethod
    def of(cls, paths: Iterable[Path], missing: Iterable[str]) -> Self:
        """These files."""
        made = cls(paths)
        made.missing = tuple(missing)
        return made


def write_beams(exam: HandedExam, into: Path, form: Form) -> Beams:
    """Writes the clips that count into a folder, named by their zones: `L1.mha`, and `L1-2.mha` after a change of geometry or settings.

    There is no patient, person, place or day in them. A recording is read twice and frame by frame, so the memory stays flat.

    Raises:
        NoBeams: no clip has a recording with a geometry; the reason of each zone is stated.
        OSError: the disk refuses it.
    """
    make_folder(into)
    paths, missing = list[Path](), list[str]()
    for clip in (zone.clip for zone in exam.zones if zone.clip is not None):
        try:
            parts, lost = _lines(clip)
        except (NoBeams, BridgeError) as error:
            missing.append(f"{clip.zone.id}: {error.what}")
            continue
        missing += [f"{clip.zone.id}: {lost}"] if lost else []
        for number, lines in enumerate(parts, start=1):
            path = into / f"{clip.zone.id}{f'-{number}' if number > 1 else ''}{form.value}"
            try:
                WRITERS[form](path, lines)
            except (NoBeams, BridgeError) as error:
                missing.append(f"{path.name}: {error.what}")
            else:
                paths.append(path)
    if not paths:
        raise NoBeams("; ".join(missing) or "no zone has a clip", FIX)
    return Beams.of(paths, missing)


def _lines(clip: HandedClip) -> tuple[tuple[Lines, ...], str]:
    if clip.path is None:
        raise NoBeams("its recording is not on this appliance any more", FIX)
    return lines_of(clip.path, Window(clip.record.first, clip.record.last, clip.record.quality))
