"""Pictures from the arrays in MetaImage and NRRD files; the announced layout is checked before any pixel is read."""

import math
import tempfile
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Geometry, Grey, Shape
from firmware_bridge.scan import envelope
from firmware_bridge.scan.compress import to_grey
from firmware_bridge.sources.axes import CHANNELS, COLOURS, COLUMNS, FRAMES, PLAIN, ROWS
from firmware_bridge.sources.greys import to_grey_pixels
from firmware_bridge.sources.recorded import UNTIMED_US, Lose, Picture
from firmware_bridge.sources.upright import Turn, turned

HEADER_LIMIT = 16 * 1024 * 1024
"""PLUS writes several lines for each frame into the header."""
SIDE_LIMIT, PICTURE_LIMIT, PICTURES_LIMIT = 65536, 64 * 1024 * 1024, 1_000_000
"""Pixels along a side, bytes of one picture, and pictures of one file."""
PACKED_BYTES = 256 * 1024
WOVEN_BYTES, WOVEN_LIMIT = 32 * 1024 * 1024, 4 * 1024**3
"""In a file whose fastest axis is time: bytes of the pictures taken in one pass, and the most bytes that are unpacked to the disk."""
INVALID, MISSING, UNANNOUNCED = "invalid", "missing", "unannounced"
"""Causes of loss: the file marks the frame as no image, announces more than it holds, or holds more than it announces."""
DYNAMIC_RANGE_DB = 60.0
"""The range shown, from the strongest echo of the picture down, of an envelope or of lines with more than 8 bits."""


Samples = NDArray[np.generic]
"""(rows, columns, channels)."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The place of a file's pictures and the kind of their samples; `order` names the axes from the slowest to the fastest.

    `lines` names the kind of samples: None for pixels, "rf", "iq" (I, Q along the line) or "iq-lines" (I line, Q line).
    `turn` turns the picture upright. `mm_per_px` is that of the stored columns and rows. `invalid` are the frames that are no images;
    `times_us` has one time for each other frame, or none.
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
    order: tuple[str, ...] = PLAIN
    lines: str | None = None
    turn: Turn = ()
    invalid: frozenset[int] = frozenset()
    times_us: tuple[int, ...] = ()
    mm_per_px: tuple[float, float] | None = None
    shape: Shape = Shape.UNKNOWN
    problem: type[SourceUnreadable] = field(default=SourceUnreadable)

    @property
    def picture_bytes(self) -> int:
        return self.rows * self.columns * self.channels * self.kind.itemsize

    @property
    def total_bytes(self) -> int:
        return self.frames * self.picture_bytes

    @property
    def geometry(self) -> Geometry:
        upright = self.mm_per_px[::-1] if self.mm_per_px is not None and "transpose" in self.turn else self.mm_per_px
        return Geometry(self.shape, upright)

    def refuse(self, why: str, fix: str = "Export it again") -> SourceUnreadable:
        return self.problem(f"{self.path}: {why}", fix)

    def at_the_end(self, stored: int) -> "Grid":
        """The same, where the pixels are the last `stored` bytes of the file, after `offset`."""
        return replace(self, offset=max(self.offset, self.path.stat().st_size - stored))

    def check(self) -> None:
        """Raises `problem`: the announced sizes are not images, or are more than the file can hold."""
        sides_fit = 1 <= self.rows <= SIDE_LIMIT and 1 <= self.columns <= SIDE_LIMIT
        if not (sides_fit and 1 <= self.frames <= PICTURES_LIMIT and self.channels in COLOURS and self.picture_bytes <= PICTURE_LIMIT):
            size = f"{self.frames} pictures of {self.rows} x {self.columns} x {self.channels}"
            raise self.refuse(f"it announces {size}, which is not a recording")
        if {"iq": self.columns, "iq-lines": self.rows}.get(self.lines or "", 0) % 2:
            raise self.refuse("it announces I samples without their Q samples")
        if len(self.invalid) == self.frames:
            raise self.refuse("it marks each of its frames as no image", "Record it again")
        self._check_stored(self.path.stat().st_size - self.offset)
        if self.mm_per_px is not None and not all(math.isfinite(mm) and mm > 0 for mm in self.mm_per_px):
            raise self.refuse(f"a spacing of {self.mm_per_px} mm is not valid")

    def _check_stored(self, stored: int) -> None:
        found = self._found_packing()
        if self.packed:
            if stored > 1 and found != self.packed:
                raise self._contradiction(f"pixels packed with {self.packed}", "they are not")
            if self.order[0] != FRAMES and self.total_bytes > WOVEN_LIMIT:
                size = f"{self.total_bytes} bytes"
                raise self.refuse(f"its frames are woven into each other, and are {size}", "Save it with the time axis last")
        elif stored < self.total_bytes and found:
            raise self._contradiction(
                f"{self.total_bytes} bytes of plain pixels", f"{stored} bytes are present that look packed with {found}"
            )
        elif stored < self.total_bytes:
            raise self.refuse(f"cut off: {max(0, stored)} of {self.total_bytes} bytes of pixels are present")
        elif stored - self.total_bytes >= self.picture_bytes:
            size = f"{self.frames} pictures of {self.rows} x {self.columns} in {self.total_bytes} bytes"
            raise self._contradiction(size, f"{stored} bytes of pixels are present")

    def _contradiction(self, announced: str, present: str) -> SourceUnreadable:
        fix = "Write it again with the program that made it"
        return self.refuse(f"its description contradicts itself: it announces {announced}, and {present}", fix)

    def _found_packing(self) -> str:
        """What the first two bytes look like (RFC 1952 and RFC 1950): "gzip", "zlib" or ""."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            begins = file.read(2)
        if begins == b"\x1f\x8b":
            return "gzip"
        return "zlib" if len(begins) == 2 and begins[0] & 15 == 8 and int.from_bytes(begins, "big") % 31 == 0 else ""

    def pictures(self, lose: Lose) -> Generator[Picture, None, None]:
        """Each picture as it is read. The frames that the file does not show as images are counted."""
        shown = [number for number in range(self.frames) if number not in self.invalid]
        times = self.times_us or tuple((number - shown[0]) * UNTIMED_US for number in shown)
        if self.invalid:
            lose(INVALID, len(self.invalid))
        given = 0
        for number, samples in enumerate(self._samples()):
            if number >= self.frames:
                lose(UNANNOUNCED, 1)
            if number >= self.frames or number in self.invalid:
                continue
            lasts = times[given + 1] - times[given] if given + 1 < len(times) else UNTIMED_US
            yield Picture(self._grey(samples), times[given], lasts if lasts > 0 else UNTIMED_US)
            given += 1
        if given < len(shown):
            lose(MISSING, len(shown) - given)

    def _samples(self) -> Iterator[Samples]:
        """Each frame, also those that are no images; only one is in memory at a time where time is the slowest axis."""
        shape = tuple({FRAMES: self.frames, ROWS: self.rows, COLUMNS: self.columns, CHANNELS: self.channels}[axis] for axis in self.order)
        if self.order[0] != FRAMES:
            yield from self._woven(shape)
            return
        turn = [self.order[1:].index(axis) for axis in PLAIN[1:]]
        for data in self._raw():
            yield np.frombuffer(data, self.kind).reshape(shape[1:]).transpose(turn)

    def _woven(self, shape: tuple[int, ...]) -> Iterator[Samples]:
        """The frames of a file in which they lie between each other; nothing if any byte is missing."""
        with tempfile.TemporaryFile() as plain:
            if self.packed:
                plain.writelines(islice(self._raw(), self.frames))
                plain.flush()
                if plain.tell() < self.total_bytes:
                    return
            stored = np.memmap(plain if self.packed else self.path, self.kind, "r", 0 if self.packed else self.offset, shape)
            stack = stored.transpose([self.order.index(axis) for axis in PLAIN])
            step = max(1, WOVEN_BYTES // self.picture_bytes)
            for first in range(0, self.frames, step):
                yield from np.ascontiguousarray(stack[first : first + step])

    def _raw(self) -> Iterator[bytes]:
        """The bytes of the file in parts as long as a picture; those of a packed file go on for as many again as it announces."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            if not self.packed:
                for _ in range(self.frames):
                    yield file.read(self.picture_bytes)
                return
            inflater = _inflater(self.packed)
            for _ in range(2 * self.frames):
                plain = b""
                while len(plain) < self.picture_bytes:
                    if inflater.eof and self.packed == "gzip":  # a program that appended wrote several members
                        waiting, inflater = inflater.unused_data, _inflater(self.packed)
                    else:
                        waiting = inflater.unconsumed_tail
                    waiting = waiting or file.read(PACKED_BYTES)
                    if not waiting or inflater.eof:
                        return
                    try:
                        plain += inflater.decompress(waiting, self.picture_bytes - len(plain))
                    except zlib.error:
                        return
                yield plain

    def _grey(self, samples: Samples) -> Grey:
        grey = self._of_lines(samples[:, :, 0]) if self.lines else to_grey_pixels(samples)
        return turned(grey, self.turn)

    def _of_lines(self, samples: "np.ndarray[tuple[int, int], np.dtype[np.generic]]") -> Grey:
        strength = ENVELOPES[self.lines or ""](samples.astype(np.float32))
        return to_grey(strength, DYNAMIC_RANGE_DB, max(1e-6, float(np.nan_to_num(strength).max())))


def pixels_beside(path: Path, name: str, fail: Callable[[Path, str], SourceUnreadable]) -> Path:
    """The file of the same folder in which a header places its pixels."""
    plain = name.removeprefix("./")
    if plain in ("", ".", "..") or any(letter in plain for letter in "/\\%\0") or plain.upper().startswith("LIST"):
        raise fail(path, f"its header places the pixels in {name!r}, which is not a file of the same folder")
    pixels = path.with_name(plain)
    if not pixels.is_file():
        raise fail(path, f"its pixels, {plain}, are not in the same folder")
    return pixels


def _inflater(packed: str) -> "zlib._Decompress":
    return zlib.decompressobj(zlib.MAX_WBITS | (16 if packed == "gzip" else 0))


ENVELOPES = {"rf": envelope.of_rf, "iq": envelope.of_iq, "iq-lines": envelope.of_iq_lines}
