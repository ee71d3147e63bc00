"""Pictures from the arrays in MetaImage and NRRD files; the announced layout is checked before any pixel is read."""

import math
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Geometry, Grey, Shape
from firmware_bridge.scan import envelope
from firmware_bridge.scan.compress import to_grey
from firmware_bridge.sources.greys import to_grey_pixels
from firmware_bridge.sources.recorded import UNTIMED_US, Lose, Picture

HEADER_LIMIT = 16 * 1024 * 1024
"""PLUS writes several lines for each frame into the header."""
SIDE_LIMIT, PICTURE_LIMIT, PICTURES_LIMIT = 65536, 64 * 1024 * 1024, 1_000_000
"""Pixels along a side, bytes of one picture, and pictures of one file."""
PACKED_BYTES = 256 * 1024
DYNAMIC_RANGE_DB = 60.0
"""The range shown, from the strongest echo of the picture down, of an envelope or of lines with more than 8 bits."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The place of a file's pictures and the kind of their samples: (frames, rows, columns, channels), rows slowest within a picture.

    `lines` names the kind of samples: None for pixels, "rf", "iq" (I, Q along the line) or "iq-lines" (I line, Q line).
    `turn` turns the picture upright: "transpose", "left-right", "up-down", in this order.
    """

    path: Path
    offset: int
    packed: str
    """"", "gzip" or "zlib"."""
    kind: np.dtype[np.generic]
    frames: int
    rows: int
    columns: int
    channels: int = 1
    lines: str | None = None
    turn: tuple[str, ...] = ()
    times_us: tuple[int, ...] = ()
    mm_per_px: tuple[float, float] | None = None
    shape: Shape = Shape.UNKNOWN
    problem: type[SourceUnreadable] = field(default=SourceUnreadable)

    @property
    def picture_bytes(self) -> int:
        return self.rows * self.columns * self.channels * self.kind.itemsize

    @property
    def geometry(self) -> Geometry:
        return Geometry(self.shape, self.mm_per_px)

    def refuse(self, why: str, fix: str = "Export it again") -> SourceUnreadable:
        return self.problem(f"{self.path}: {why}", fix)

    def check(self) -> None:
        """Raises `problem`: the announced sizes are not images, or are more than the file can hold."""
        sides_fit = 1 <= self.rows <= SIDE_LIMIT and 1 <= self.columns <= SIDE_LIMIT
        if not (sides_fit and 1 <= self.frames <= PICTURES_LIMIT and self.channels in (1, 3, 4) and self.picture_bytes <= PICTURE_LIMIT):
            size = f"{self.frames} pictures of {self.rows} x {self.columns} x {self.channels}"
            raise self.refuse(f"it announces {size}, which is not a recording")
        if {"iq": self.columns, "iq-lines": self.rows}.get(self.lines or "", 0) % 2:
            raise self.refuse("it announces I samples without their Q samples")
        stored = self.path.stat().st_size - self.offset
        if not self.packed and stored < self.frames * self.picture_bytes:
            raise self.refuse(f"cut off: {max(0, stored)} of {self.frames * self.picture_bytes} bytes of pixels are present")
        if self.mm_per_px is not None and not all(math.isfinite(mm) and mm > 0 for mm in self.mm_per_px):
            raise self.refuse(f"a spacing of {self.mm_per_px} mm is not valid")

    def pictures(self, lose: Lose) -> Generator[Picture, None, None]:
        """Each picture as it is read; only one is in memory at a time."""
        times = self.times_us or tuple(number * UNTIMED_US for number in range(self.frames))
        given = 0
        for number, data in enumerate(self._raw()):
            lasts = times[number + 1] - times[number] if number + 1 < len(times) else UNTIMED_US
            yield Picture(self._grey(data), times[number], lasts if lasts > 0 else UNTIMED_US)
            given += 1
        if given < self.frames:
            lose("missing", self.frames - given)

    def _raw(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(self.offset)
            if not self.packed:
                for _ in range(self.frames):
                    yield file.read(self.picture_bytes)
                return
            inflater = zlib.decompressobj(zlib.MAX_WBITS | (16 if self.packed == "gzip" else 0))
            waiting, plain = b"", b""
            for _ in range(self.frames):
                while len(plain) < self.picture_bytes:
                    waiting = inflater.unconsumed_tail or file.read(PACKED_BYTES)
                    if not waiting or inflater.eof:
                        return
                    try:
                        plain += inflater.decompress(waiting, self.picture_bytes - len(plain))
                    except zlib.error:
                        return
                yield plain
                plain = b""

    def _grey(self, data: bytes) -> Grey:
        samples = np.frombuffer(data, self.kind).reshape(self.rows, self.columns, self.channels)
        grey = self._of_lines(samples[:, :, 0]) if self.lines else to_grey_pixels(samples)
        if "transpose" in self.turn:
            grey = grey.T
        if "left-right" in self.turn:
            grey = grey[:, ::-1]
        if "up-down" in self.turn:
            grey = grey[::-1]
        return np.ascontiguousarray(grey)

    def _of_lines(self, samples: "np.ndarray[tuple[int, int], np.dtype[np.generic]]") -> Grey:
        strength = ENVELOPES[self.lines or ""](samples.astype(np.float32))
        return to_grey(strength, DYNAMIC_RANGE_DB, max(1e-6, float(np.nan_to_num(strength).max())))


ENVELOPES = {"rf": envelope.of_rf, "iq": envelope.of_iq, "iq-lines": envelope.of_iq_lines}
