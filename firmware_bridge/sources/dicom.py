"""Ultrasound DICOM: single images and cines, 8 bits per sample, with the scale that the object's own regions state."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from firmware_bridge.errors import BridgeError, NotUltrasound
from firmware_bridge.frame import AcquisitionSettings, Geometry, Grey
from firmware_bridge.sources.recorded import UNTIMED_US, Lose, Picture, Recording, no_warnings, unreadable

if TYPE_CHECKING:
    from pydicom import Dataset

MAGIC_OFFSET, MAGIC = 128, b"DICM"
UNITS_CM = 3  # PS3.3 C.8.5.5.1.15: physical units of a region
ITEM_HEADER = 8  # PS3.5 A.4: bytes before each compressed frame, so that an object cannot claim more frames than it has room for
FORMAT_2D = 1  # PS3.3 C.8.5.5.1.1: region spatial format
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
FAST_DECODERS = {JPEG_BASELINE: "pillow"}
"""Transfer syntax -> the decoder with the same pixels as pydicom's first choice, in a quarter of the time."""

GREY, INVERTED, PALETTE = "MONOCHROME2", "MONOCHROME1", "PALETTE COLOR"


def is_dicom(path: Path) -> bool:
    """True for a file with DICOM's magic number, under any name."""
    with path.open("rb") as file:
        return file.read(MAGIC_OFFSET + len(MAGIC)).endswith(MAGIC)


def open_dicom(path: Path) -> Recording:
    """Opens a DICOM object.

    Raises:
        NotUltrasound: an image of more than 8 bits, such as CT or MR.
        SourceUnreadable: not DICOM, no pixels, or a coding without an installed decoder.
    """
    import pydicom  # noqa: PLC0415 - loaded only for DICOM
    from pydicom.errors import InvalidDicomError  # noqa: PLC0415

    try:
        with no_warnings():
            return _recording(path, pydicom.dcmread(path))
    except (BridgeError, PermissionError):
        raise
    except InvalidDicomError as error:
        raise unreadable(path, "it is not a DICOM file, or its head is damaged") from error
    except Exception as error:  # a damaged object raises any error, from the first line that reads the damaged tag
        raise unreadable(path, f"the DICOM object is damaged ({error})") from error


def _recording(path: Path, dataset: "Dataset") -> Recording:
    _check(path, dataset)
    to_grey = _grey_of(path, dataset)
    times_us = _times_us(dataset)
    return Recording(
        lambda lose: _pictures(dataset, to_grey, times_us, lose),
        len(times_us),
        _geometry(dataset),
        _settings(dataset),
        " ".join(str(dataset[name].value) for name in ("Manufacturer", "ManufacturerModelName") if dataset.get(name)),
        str(dataset.get("SoftwareVersions") or ""),
        str(dataset.get("DeviceSerialNumber") or ""),
    )


def _check(path: Path, dataset: "Dataset") -> None:
    if "PixelData" not in dataset:
        raise unreadable(
            path,
            "the DICOM object has no pixels (no PixelData), or is cut off before them",
            "Export the image or cine itself, not a report or a presentation state",
        )
    bits, stored = dataset.get("BitsAllocated"), dataset.get("BitsStored")
    if bits != 8 or dataset.get("PixelRepresentation", 0) != 0:
        raise NotUltrasound(
            f"{path}: {dataset.get('Modality') or 'an image'} of {bits} bits ({stored} stored), where ultrasound has 8 unsigned",
            "If it is ultrasound, export it with 8 bits",
        )
    _check_coding(path, dataset)
    if dataset.get("SamplesPerPixel", 1) > 1 and "PlanarConfiguration" not in dataset:
        # In a compressed frame the codec defines the layout of samples, so 0 is always right; uncompressed samples can have either layout.
        if not dataset.file_meta.TransferSyntaxUID.is_encapsulated:
            raise unreadable(
                path, "colour without PlanarConfiguration, so the layout of its samples is unknown", "Export it again, in grey or as JPEG"
            )
        dataset.PlanarConfiguration = 0


def _check_coding(path: Path, dataset: "Dataset") -> None:
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415 - loaded only for DICOM

    coding = dataset.file_meta.TransferSyntaxUID
    if coding.is_encapsulated:
        try:
            known = get_decoder(coding).is_available
        except NotImplementedError:
            known = False
        if not known:
            raise unreadable(
                path, f"there is no decoder for its pixels, coded as {coding.name}", "Export it uncompressed, as JPEG or as MP4"
            )
    a_frame = ITEM_HEADER if coding.is_encapsulated else dataset.Rows * dataset.Columns * dataset.get("SamplesPerPixel", 1)
    wanted = a_frame * _frames(dataset)
    if len(dataset.PixelData) < wanted:
        raise unreadable(path, f"cut off: {len(dataset.PixelData)} of at least {wanted} bytes of pixels are present")


def _frames(dataset: "Dataset") -> int:
    return max(1, int(dataset.get("NumberOfFrames") or 1))


def _grey_of(path: Path, dataset: "Dataset") -> Callable[[NDArray[np.uint8]], Grey]:
    """The conversion to grey of this object's decoded pixels, (rows, columns) or (rows, columns, 3) RGB."""
    from pydicom.pixels.processing import apply_color_lut  # noqa: PLC0415 - loaded only for DICOM

    kind = dataset.get("PhotometricInterpretation", "")
    if dataset.get("SamplesPerPixel", 1) == 3:
        return _luma
    if kind == PALETTE:
        colours = apply_color_lut(np.arange(256, dtype=np.uint8)[np.newaxis], dataset)
        eight_bits = (colours >> 8 if colours.dtype == np.uint16 else colours).astype(np.uint8)
        table = _luma(eight_bits)[0]
        return lambda pixels: table[pixels]
    if kind == INVERTED:
        return lambda pixels: ~pixels
    if kind == GREY:
        return lambda pixels: pixels
    raise unreadable(path, f"its pixels have the unknown kind '{kind}'", "Export it in grey (MONOCHROME2) or RGB")


def _luma(rgb: NDArray[np.uint8]) -> Grey:
    return np.asarray(Image.fromarray(rgb).convert("L"))


def _pictures(
    dataset: "Dataset", to_grey: Callable[[NDArray[np.uint8]], Grey], times_us: list[int], lose: Lose
) -> Generator[Picture, None, None]:
    from pydicom.pixels.utils import pixel_array  # noqa: PLC0415 - loaded only for DICOM

    plugin = FAST_DECODERS.get(dataset.file_meta.TransferSyntaxUID, "")
    ends_us = [*times_us[1:], times_us[-1] + (times_us[-1] - times_us[-2] if len(times_us) > 1 else UNTIMED_US)]
    for index, (at_us, end_us) in enumerate(zip(times_us, ends_us, strict=True)):
        try:
            with no_warnings():
                pixels = to_grey(pixel_array(dataset, index=index, decoding_plugin=plugin))
        except Exception:  # each decoder has its own exceptions for a damaged frame
            lose("undecodable", 1)
            continue
        yield Picture(pixels, at_us, end_us - at_us)


def _times_us(dataset: "Dataset") -> list[int]:
    """The time of each frame after the first, from the first that the object uses of four ways to state it."""
    frames = _frames(dataset)
    vector = dataset.get("FrameTimeVector")
    if vector and frames > 1 and len(vector) == frames:
        return [round(t * 1000) for t in np.cumsum(np.asarray(vector, float)) - float(vector[0])]
    if dataset.get("FrameTime"):
        step_us = float(dataset.FrameTime) * 1000
    else:
        rate = dataset.get("CineRate") or dataset.get("RecommendedDisplayFrameRate")
        step_us = 1_000_000 / float(rate) if rate else UNTIMED_US
    return [round(index * step_us) for index in range(frames)]


def _geometry(dataset: "Dataset") -> Geometry:
    """The scale of the 2D regions, if they state one in centimetres and all agree."""
    scales = {
        (abs(float(region.PhysicalDeltaX)) * 10, abs(float(region.PhysicalDeltaY)) * 10)
        for region in dataset.get("SequenceOfUltrasoundRegions") or ()
        if region.get("RegionSpatialFormat") == FORMAT_2D
        and region.get("PhysicalUnitsXDirection") == region.get("PhysicalUnitsYDirection") == UNITS_CM
        and region.get("PhysicalDeltaX")
        and region.get("PhysicalDeltaY")
    }
    return Geometry(mm_per_px=scales.pop()) if len(scales) == 1 else Geometry()


def _settings(dataset: "Dataset") -> AcquisitionSettings:
    def number(name: str) -> float | None:
        value = dataset.get(name)
        return None if value is None or value == "" else float(value)

    return AcquisitionSettings(
        depth_mm=number("DepthOfScanField"),
        mechanical_index=number("MechanicalIndex"),
        thermal_index=number("SoftTissueThermalIndex"),
    )
