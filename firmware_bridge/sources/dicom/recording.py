"""Opens a DICOM object as a recording: its frames in time, with the scale and the settings that it states."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from pydicom.errors import InvalidDicomError

from firmware_bridge.errors import BridgeError
from firmware_bridge.frame import Grey
from firmware_bridge.sources.dicom import facts
from firmware_bridge.sources.dicom.compressed import compressed
from firmware_bridge.sources.dicom.contents import Contents
from firmware_bridge.sources.dicom.fragments import ITEM
from firmware_bridge.sources.dicom.labels import Labels
from firmware_bridge.sources.dicom.stored import Stored, read_stored
from firmware_bridge.sources.dicom.uncompressed import uncompressed
from firmware_bridge.sources.recorded import UNTIMED_US, Lose, Picture, Recording, no_warnings, unreadable
from firmware_bridge.sources.upright import PixelShape


def open_dicom(path: Path) -> Recording:
    """Opens a DICOM object.

    Raises:
        NotUltrasound: an image of more than 8 bits, such as CT or MR.
        SourceUnreadable: not DICOM, no pixels, damaged, or a coding without an installed decoder.
    """
    try:
        with no_warnings():
            return _recording(path, read_stored(path))
    except (BridgeError, PermissionError):
        raise
    except InvalidDicomError as error:
        raise unreadable(path, "it is not a DICOM file, or its head is damaged") from error
    except Exception as error:  # a damaged object raises any error, from the first line that reads the damaged tag
        raise unreadable(path, f"the DICOM object is damaged ({error})") from error


def _recording(path: Path, stored: Stored) -> Recording:
    dataset, machine = stored.dataset, facts.machine(stored.dataset)
    contents = _contents(path, stored)
    geometry = facts.geometry(dataset)
    shape = facts.pixel_shape(dataset) if geometry.mm_per_px is None else PixelShape()
    return Recording(
        _Player(path, stored, contents, facts.times_us(dataset, len(contents.frames)), shape).pictures,
        len(contents.frames) + contents.missing,
        geometry,
        facts.settings(dataset),
        machine.scanner,
        str(dataset.get("SoftwareVersions") or ""),
        str(dataset.get("DeviceSerialNumber") or ""),
        machine=machine,
    )


def _contents(path: Path, stored: Stored) -> Contents:
    """The bytes tell whether the pixels are compressed; the label of the transfer syntax can be another file's."""
    labels = Labels.of(stored.dataset)
    labels.check_size(path)
    with stored.open() as file:
        file.seek(stored.start)
        in_items = file.read(len(ITEM)) == ITEM
    if in_items or stored.stated_bytes is None:
        return compressed(path, stored, labels)
    labels.check_depth(path)
    return uncompressed(path, stored, labels)


@dataclass(frozen=True, slots=True)
class _Player:
    """Gives the frames of an object in time. `shape` is square if the scale tells the shape of a pixel."""

    path: Path
    stored: Stored
    contents: Contents
    times_us: list[int]
    shape: PixelShape

    def pictures(self, lose: Lose) -> Generator[Picture, None, None]:
        times_us = self.times_us
        ends_us = [*times_us[1:], times_us[-1] + (times_us[-1] - times_us[-2] if len(times_us) > 1 else UNTIMED_US)]
        try:
            with self.stored.open() as file:
                for index, (at_us, end_us) in enumerate(zip(times_us, ends_us, strict=True)):
                    pixels = self._grey(self.contents.read(file, index))
                    if pixels is None:
                        lose("undecodable", 1)
                    else:
                        yield Picture(self.shape.squared(pixels), at_us, end_us - at_us)
        except OSError as error:
            raise unreadable(
                self.path, f"the disk does not give its frames ({error})", "Check that the disk or stick is still connected"
            ) from error
        if self.contents.missing:
            lose("missing", self.contents.missing)

    def _grey(self, data: bytes) -> Grey | None:
        """None for a damaged frame."""
        try:
            with no_warnings():
                return self.contents.grey(data)
        except Exception:  # each decoder has its own exceptions for a damaged frame
            return None
