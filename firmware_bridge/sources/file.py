"""Recordings as a source: `file:///clip.mp4`, a DICOM object, an image or a folder of images; one module for each format."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from threading import TIMEOUT_MAX, Event
from typing import cast

from firmware_bridge.errors import SourceAbsent, SourceDenied, SourceUnknown
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.sources.base import Closing, Origin, Source, SourceInfo, SourceLoss
from firmware_bridge.sources.clarius import is_raw
from firmware_bridge.sources.companions import is_companion, is_disc_index
from firmware_bridge.sources.dicom import is_dicom
from firmware_bridge.sources.image import SUFFIXES as IMAGE_SUFFIXES
from firmware_bridge.sources.recorded import Picture, Recording, unreadable
from firmware_bridge.sources.un0rick_file import is_un0rick
from firmware_bridge.sources.url import SourceUrl

VIDEO, DICOM, IMAGE, FOLDER, MCAP, METAIMAGE, NRRD, CLARIUS, UN0RICK = (
    "firmware_bridge.sources.video:open_video",
    "firmware_bridge.sources.dicom.recording:open_dicom",
    "firmware_bridge.sources.image:open_image",
    "firmware_bridge.sources.image:open_folder",
    "firmware_bridge.sources.mcap:open_mcap",
    "firmware_bridge.sources.metaimage:open_metaimage",
    "firmware_bridge.sources.nrrd:open_nrrd",
    "firmware_bridge.sources.clarius:open_raw",
    "firmware_bridge.sources.un0rick_file:open_un0rick",
)

FORMATS: Mapping[str, str] = {
    **dict.fromkeys((".mp4", ".m4v", ".mov", ".3gp", ".avi", ".webm", ".mkv", ".mpg", ".mpeg", ".vob", ".mts", ".m2ts", ".wmv"), VIDEO),
    **dict.fromkeys((".dcm", ".dicom"), DICOM),
    **dict.fromkeys(sorted(IMAGE_SUFFIXES), IMAGE),
    ".mcap": MCAP,
    **dict.fromkeys((".mha", ".mhd"), METAIMAGE),
    ".tar": CLARIUS,
    **dict.fromkeys((".nrrd", ".nhdr"), NRRD),
}
"""Suffix -> module:function, which takes the path and returns a `Recording`."""


def open_file_url(url: SourceUrl) -> Source:
    """Opens `file:///path?pace=1&loop=1`: `pace` plays at the file's own speed, `loop` begins again at its end.

    Raises:
        SourceUnknown, SourceAbsent, SourceDenied, SourceUnreadable.
    """
    return open_recording(url)


def open_recording(url: SourceUrl, opener: Callable[[Path], Recording] | None = None) -> Source:
    """Opens the recording of a URL whose path is a file, with the given opener or that of the file's kind.

    Raises:
        SourceUnknown, SourceAbsent, SourceDenied, SourceUnreadable.
    """
    url.allow("pace", "loop")
    if url.host not in ("", "localhost"):
        raise SourceUnknown(f"'{url.text}': '{url.host}' is read as a host name", f"Write three slashes: file:///{url.host}{url.path}")
    return open_file(Path(url.path), paced=url.flag("pace"), loop=url.flag("loop"), opener=opener)


def open_file(path: Path, paced: bool = False, loop: bool = False, opener: Callable[[Path], Recording] | None = None) -> Source:
    """Opens a recording; without `pace` it gives frames as fast as they decode.

    Raises:
        SourceAbsent: no such file or folder.
        SourceDenied: this user has no right to read it.
        SourceUnreadable: it holds no readable frames.
    """
    path = path.resolve()
    try:
        if not path.exists():
            raise SourceAbsent(f"{path} is not there", "Check the path and that the disk or stick is mounted")
        if not (path.is_file() or path.is_dir()):  # a pipe would wait for ever
            raise unreadable(path, "it is not a regular file", "Name a recording, or a folder of images")
        return FileSource(path, (opener or _opener(path))(path), paced, loop)
    except PermissionError as error:
        raise SourceDenied(f"this user is not allowed to read {path}", "Give this user the right to read it") from error


def _opener(path: Path) -> Callable[[Path], Recording]:
    if path.is_dir():
        named = FOLDER
    elif is_companion(path):
        raise unreadable(path, "it is a Mac's companion of another file (AppleDouble), not a recording", "Name the file without '._'")
    elif is_disc_index(path):
        raise unreadable(path, "it is the index of a disc or stick (DICOMDIR), not a recording", "Name the folder that it is in")
    elif path.suffix.lower() in FORMATS:
        named = FORMATS[path.suffix.lower()]
    elif is_dicom(path):
        named = DICOM
    elif is_un0rick(path):
        named = UN0RICK
    elif is_raw(path):
        named = CLARIUS
    else:
        raise unreadable(path, "this kind of file is unknown", f"Known formats: DICOM {' '.join(FORMATS)}")
    module, function = named.split(":")
    return cast("Callable[[Path], Recording]", getattr(import_module(module), function))


class FileSource(Closing):
    """An open recording. Frames that cannot be decoded are counted in `losses`, and reading continues."""

    notice = None

    def __init__(self, path: Path, recording: Recording, paced: bool, loop: bool) -> None:
        self._path = path
        self._recording = recording
        self._paced = paced
        self._loop = loop
        self._losses: dict[str, int] = {}
        self._closed = Event()
        self.info = SourceInfo(
            url=path.as_uri(),
            name=path.name,
            origin=Origin.REPLAY,
            device=recording.device,
            firmware=recording.firmware,
            serial_number=recording.serial_number,
            frames=recording.frames,
            of_simulation=recording.simulated,
            machine=recording.machine,
        )

    @property
    def losses(self) -> tuple[SourceLoss, ...]:
        return tuple(SourceLoss(cause, frames) for cause, frames in self._losses.items())

    def frames(self) -> Iterator[Frame]:
        """Each frame from the beginning; with `loop` without end, while the clock continues.

        Raises:
            SourceUnreadable: no frame could be decoded.
        """
        began_ns = time.monotonic_ns()
        sequence, lap_us, end_us = 0, 0, 0
        while not self._closed.is_set():
            with closing(self._recording.pictures(self._lose)) as pictures:
                for picture in pictures:
                    at_us = lap_us + picture.at_us
                    self._wait_until(began_ns + at_us * 1000)
                    if self._closed.is_set():
                        return
                    yield self._frame(picture, sequence, at_us)
                    sequence, end_us = sequence + 1, at_us + picture.lasts_us
            if sequence == 0:
                raise unreadable(self._path, "no frame could be decoded")
            if not self._loop:
                return
            lap_us = end_us

    def _frame(self, picture: Picture, sequence: int, at_us: int) -> Frame:
        geometry = picture.geometry or self._recording.geometry
        settings = picture.settings or self._recording.settings
        machine = picture.machine or self._recording.machine
        return Frame(picture.pixels, sequence, at_us, time.monotonic_ns(), geometry, settings, picture.simulated, machine)

    def _lose(self, cause: str, frames: int) -> None:
        self._losses[cause] = self._losses.get(cause, 0) + frames

    def _wait_until(self, due_ns: int) -> None:
        if self._paced:
            self._closed.wait(min(max(0, due_ns - time.monotonic_ns()) / 1e9, TIMEOUT_MAX))

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:  # noqa: ARG002 - a recording cannot be set
        """Returns the settings of the recording, which cannot be changed."""
        return self._recording.settings

    def close(self) -> None:
        self._closed.set()
