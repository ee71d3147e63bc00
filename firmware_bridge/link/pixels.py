"""A frame's data as grey pixels, from every format that a probe sends."""

from typing import TYPE_CHECKING

import numpy as np
import simplejpeg

from firmware_bridge.errors import MalformedMessage
from firmware_bridge.frame import Geometry, Grey
from firmware_bridge.link.jpeg import first_image
from firmware_bridge.link.messages import FrameData, PixelFormat

if TYPE_CHECKING:
    from firmware_bridge.scan.convert import ScanConverter

DYNAMIC_RANGE_DB = 60.0
"""The range of uncompressed beam lines that is shown, from the strongest echo down."""


class Pixels:
    """Turns frame data into pixels; reuses the scan converter, which is slow to make, while geometry and lines stay the same."""

    def __init__(self) -> None:
        self._converter: ScanConverter | None = None
        self._converts: tuple[Geometry, int, int] | None = None

    def grey(self, frame: FrameData, geometry: Geometry) -> Grey:
        """The frame's pixels, (rows, columns); for GREY8 a read-only view of `frame.data`, without a copy.

        Raises:
            MalformedMessage: the JPEG is damaged or has another size, or the beam lines do not give an image.
        """
        match frame.format:
            case PixelFormat.GREY8:
                return np.frombuffer(frame.data, np.uint8).reshape(frame.rows, frame.columns)
            case PixelFormat.JPEG:
                return _jpeg(frame)
            case PixelFormat.LINES_U8:
                return self._image(np.frombuffer(frame.data, np.uint8).reshape(frame.rows, frame.columns), geometry)
            case PixelFormat.LINES_S16:
                from firmware_bridge.scan.compress import to_grey  # noqa: PLC0415  # most probes send images and never need it

                lines = np.frombuffer(frame.data, np.dtype("<i2")).reshape(frame.rows, frame.columns)
                return self._image(to_grey(lines, DYNAMIC_RANGE_DB), geometry)

    def _image(self, lines: Grey, geometry: Geometry) -> Grey:
        from firmware_bridge.scan.convert import ScanConverter  # noqa: PLC0415  # most probes send images and never need it

        wanted = (geometry, *lines.shape)
        try:
            if self._converter is None or self._converts != wanted:
                self._converter, self._converts = ScanConverter(*wanted), wanted
            return self._converter.convert(lines)
        except ValueError as error:
            raise MalformedMessage(f"no image can be made of the probe's beam lines: {error}", "Update the probe's firmware") from error


def _jpeg(frame: FrameData) -> Grey:
    try:
        data = first_image(bytes(frame.data))
        rows, columns, *_ = simplejpeg.decode_jpeg_header(data)
        decoded: Grey | None = simplejpeg.decode_jpeg(data, colorspace="GRAY") if (rows, columns) == (frame.rows, frame.columns) else None
    except ValueError as error:
        raise _undecodable(str(error)) from error
    if decoded is None:
        raise _undecodable(f"it holds {rows} x {columns} pixels, not {frame.rows} x {frame.columns}")
    return decoded[:, :, 0]


def _undecodable(why: str) -> MalformedMessage:
    return MalformedMessage(f"a JPEG from the probe cannot be decoded: {why}", "Check the cable, or update the probe's firmware")
