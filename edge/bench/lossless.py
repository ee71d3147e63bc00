"""The size and time of a recorded frame with each lossless compression, on the simulated chest."""

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import gdcm
import lz4.frame
import numpy as np
import zstandard
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from firmware_bridge.errors import Damaged
from firmware_bridge.frame import Grey
from firmware_bridge.virtual_probe.chest import Chest

SIDE, ROWS, COLUMNS, RATE = 640, 480, 640, 30.0
FRAMES = 16
ROUNDS = 3


class NotLossless(Damaged):
    """The decompressed pixels differ from the original pixels."""

    code = "not-lossless"


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one frame of 480x640 pixels: bytes, and milliseconds to compress it."""

    bytes: float
    ms: float


Compressed = tuple[int, Callable[[], bytes]]
"""The length in bytes, and a function that decompresses."""


def compare() -> Mapping[str, Cost]:
    """Compresses the same frames with each method and decompresses them.

    Raises:
        NotLossless: the decompressed pixels differ.
    """
    chest = Chest(3, size=SIDE)
    frames = [chest.image(number / RATE)[:ROWS, :COLUMNS].copy() for number in range(FRAMES)]
    with tempfile.TemporaryDirectory() as folder:
        return {
            "lz4": _cost("LZ4", frames, _lz4),
            "zstd": _cost("zstd", frames, _zstd),
            "jpeg-ls": _cost("JPEG-LS", [_dicom(frame, Path(folder) / f"{n}.dcm") for n, frame in enumerate(frames)], _jpeg_ls),
        }


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A frame in the DICOM library; the reader owns the image."""

    reader: gdcm.ImageReader
    pixels: Grey


def _cost(name: str, frames: list[Grey] | list[_Loaded], compress: Callable[..., Compressed]) -> Cost:
    sizes, times = [], []
    for frame in frames * ROUNDS:
        begun = time.process_time()
        size, read = compress(frame)
        times.append(time.process_time() - begun)
        sizes.append(size)
        if read() != (frame.pixels if isinstance(frame, _Loaded) else frame).tobytes():
            raise NotLossless(f"{name} changed the pixels", "Report this fault")
    return Cost(float(np.mean(sizes)), 1000 * median(times))


def _lz4(frame: Grey) -> Compressed:
    packed = lz4.frame.compress(frame.tobytes())
    return len(packed), lambda: bytes(lz4.frame.decompress(packed))


def _zstd(frame: Grey) -> Compressed:
    packed = zstandard.ZstdCompressor().compress(frame.tobytes())
    return len(packed), lambda: zstandard.ZstdDecompressor().decompress(packed)


def _jpeg_ls(loaded: _Loaded) -> Compressed:
    packed = _changed(loaded.reader.GetImage(), gdcm.TransferSyntax.JPEGLSLossless)
    fragments = packed.GetOutput().GetDataElement().GetSequenceOfFragments()
    size = sum(int(str(fragments.GetFragment(n).GetByteValue().GetLength())) for n in range(fragments.GetNumberOfFragments()))

    def read() -> bytes:
        plain = _changed(packed.GetOutput(), gdcm.TransferSyntax.ExplicitVRLittleEndian)
        return str(plain.GetOutput().GetBuffer()).encode("utf-8", "surrogateescape")

    return size, read


def _changed(image: gdcm.Image, syntax: int) -> gdcm.ImageChangeTransferSyntax:
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(image)
    if not change.Change():
        raise NotLossless("the DICOM library cannot convert to or from JPEG-LS", "Run sonoedge doctor")
    return change


def _dicom(frame: Grey, path: Path) -> _Loaded:
    """Writes a file, because the library's Python interface reads pixels from files only."""
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID, image.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    image.Rows, image.Columns = frame.shape
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 8, 8, 7, 0
    image.add_new("PixelData", "OB", frame.tobytes())
    image.save_as(path, enforce_file_format=True)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    if not reader.Read():
        raise NotLossless(f"the DICOM library cannot read {path}", "Run sonoedge doctor")
    return _Loaded(reader, frame)
