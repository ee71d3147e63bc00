"""Pixels outside the ultrasound become black, frame by frame (PS3.15 Annex E, Clean Pixel Data Option).

Text that is drawn over the ultrasound itself is not found: this is why a person looks at the overview.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.pixels.utils import iter_pixels

from edge.exchange.dicom.stream import write_frames, write_object
from edge.exchange.dicom.syntax import COMPACT, LOSSLESS
from edge.vision.region import Flags, FoundBy, RegionFinder
from firmware_bridge.errors import InputRefused
from firmware_bridge.frame import Frame, Grey

Pixels = NDArray[np.uint8]
"""One frame: (rows, columns) grey, or (rows, columns, 3) of colour."""

BLACK_IS_0 = ("MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422")
"""The kinds of pixels that can be cleaned; the last two become RGB."""


class NotCleanable(InputRefused):
    """Nothing tells where the ultrasound is in the frames of an object, so what surrounds it cannot be removed."""

    code = "not-cleanable"


class PixelCleaner:
    """The frames of the object at `path`, cleaned; they are decoded one by one, twice.

    `mask` (rows, columns) is true where the recorded frames are ultrasound; what an object has below or next to them becomes black. Without
    it, the pixels of all frames tell the region.
    """

    def __init__(self, path: Path, mask: Flags | None) -> None:
        """Finds the region.

        Raises:
            NotCleanable: there is none, or 0 is not black in these pixels, or they are not 8-bit.
        """
        kind = str(dcmread(path, specific_tags=["PhotometricInterpretation"]).get("PhotometricInterpretation", ""))
        if kind not in BLACK_IS_0:
            raise NotCleanable(f"{path.name}: its pixels are {kind or 'of no stated kind'}", f"Export pixels of {', '.join(BLACK_IS_0)}")
        self._path = path
        self._bits = np.negative((self._searched() if mask is None else self._placed(mask)).view(np.uint8))

    def frames(self) -> Iterator[Pixels]:
        """The cleaned frames, in order."""
        for frame in self.before():
            yield frame & (self._bits if frame.ndim == 2 else self._bits[..., None])

    def before(self) -> Iterator[Pixels]:
        """The frames of the object; YCbCr as RGB, where 0 is black."""
        for frame in iter_pixels(self._path):
            if frame.dtype != np.uint8:
                raise NotCleanable(f"{self._path.name} has pixels of {frame.dtype.itemsize * 8} bits", "Export objects with 8-bit pixels")
            yield frame

    def _placed(self, mask: Flags) -> Flags:
        shape = next(self.before()).shape[:2]
        if shape[0] < mask.shape[0] or shape[1] < mask.shape[1]:
            raise NotCleanable(f"{self._path.name} is smaller than the recorded frames", "Leave this object out")
        placed = np.zeros(shape, np.bool_)
        placed[: mask.shape[0], : mask.shape[1]] = mask
        return placed

    def _searched(self) -> Flags:
        finder, region = RegionFinder(), None
        for count, frame in enumerate(self.before()):
            grey: Grey = frame if frame.ndim == 2 else frame.max(axis=2)
            region = finder.find(Frame(grey, count, 0, 0))
        if region is None or region.found_by is FoundBy.NOTHING:
            fix = "Record with a source that states its geometry, or leave this object out"
            raise NotCleanable(f"{self._path.name}: the ultrasound cannot be separated from what surrounds it", fix)
        return region.mask


def write_clean(clean: Dataset, path: Path, cleaner: PixelCleaner | None, source: Path) -> None:
    """Writes a de-identified object, its pixels frame by frame; without a `cleaner` there are none.

    `source` is the object that it comes from: what was compressed as JPEG-LS is so again, all else is not compressed.

    Raises:
        DicomNotWritten: the disk refuses it.
    """
    policy = COMPACT if dcmread(source, stop_before_pixels=True).file_meta.TransferSyntaxUID == COMPACT.syntax else LOSSLESS
    clean.file_meta = FileMetaDataset()
    clean.file_meta.TransferSyntaxUID = policy.syntax if cleaner is not None else LOSSLESS.syntax
    if cleaner is None:
        write_object(path, clean)
        return
    clean.BurnedInAnnotation = "NO"
    if clean.SamplesPerPixel == 3:
        clean.PhotometricInterpretation, clean.PlanarConfiguration = "RGB", 0
    write_frames(path, clean, cleaner.frames(), policy)
