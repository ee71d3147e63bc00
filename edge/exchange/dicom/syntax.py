"""How the pixels of images are coded. Lossless unless the hospital's policy states otherwise, and lossy images say so."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit, JPEGLSLossless

from edge.exchange.dicom.errors import DicomRefused

Pixels = NDArray[np.uint8]
"""(rows, columns) grey or (rows, columns, 3) RGB."""
LEAST_QUALITY, MOST_QUALITY = 50, 100
"""Of a lossy JPEG; coarser ones smear the pleural line and B-lines, which are a few pixels wide."""
LOSSY_METHOD: Final = "ISO_10918_1"
"""JPEG lossy compression, PS3.3 C.7.6.1.1.5.1."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The transfer syntax of images; `quality` is that of a lossy JPEG, 0 where nothing is lost."""

    syntax: UID
    quality: int = 0

    @property
    def lossy(self) -> bool:
        return bool(self.quality)

    @property
    def in_items(self) -> bool:
        """Whether each frame is an item of its own (PS3.5 A.4)."""
        return self.syntax.is_encapsulated

    @property
    def variant(self) -> tuple[object, ...]:
        """What tells an image from its lossless one by its UID: a lossy image is another image (PS3.4 B.4.1.2)."""
        return ("lossy", self.syntax, self.quality) if self.lossy else ()

    def colours(self, samples: int) -> str:
        """The Photometric Interpretation of an image of so many samples a pixel."""
        if samples == 1:
            return "MONOCHROME2"
        return "YBR_FULL_422" if self.lossy else "RGB"

    def coded(self, pixels: Pixels) -> bytes:
        """A frame as it is stored, without padding."""
        if self.syntax == JPEGLSLossless:
            return _jpeg_ls(pixels)
        return _jpeg(pixels, self.quality) if self.lossy else pixels.tobytes()


LOSSLESS = Policy(ExplicitVRLittleEndian)
"""Every peer reads it."""
COMPACT = Policy(JPEGLSLossless)
"""The same pixels in about a third of the bytes."""


def lossy(quality: int) -> Policy:
    """JPEG baseline with a quality of `LEAST_QUALITY` to `MOST_QUALITY`.

    Raises:
        DicomRefused: the quality is outside these limits.
    """
    if not LEAST_QUALITY <= quality <= MOST_QUALITY:
        what = f"the JPEG quality {quality} is not allowed"
        raise DicomRefused(what, f"Give {LEAST_QUALITY} to {MOST_QUALITY}, or send images lossless")
    return Policy(JPEGBaseline8Bit, quality)


def _jpeg_ls(pixels: Pixels) -> bytes:
    from pydicom.pixels.encoders.base import get_encoder  # noqa: PLC0415 - wanted for this syntax only

    samples = 1 if pixels.ndim == 2 else pixels.shape[2]
    return get_encoder(JPEGLSLossless).encode(
        np.ascontiguousarray(pixels),
        encoding_plugin="pyjpegls",
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        samples_per_pixel=samples,
        number_of_frames=1,
        bits_allocated=8,
        bits_stored=8,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2" if samples == 1 else "RGB",
        planar_configuration=0,
    )


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    import simplejpeg  # noqa: PLC0415 - wanted for this syntax only

    if pixels.ndim == 2:
        grey: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels)[:, :, np.newaxis], quality=quality, colorspace="GRAY")
        return grey
    colour: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=quality, colorspace="RGB", colorsubsampling="422")
    return colour
