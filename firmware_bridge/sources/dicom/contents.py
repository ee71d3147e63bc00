"""The pixels of an object as a list of frames, each read from the disk when it is asked for."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from firmware_bridge.frame import Grey
from firmware_bridge.sources.dicom.labels import LARGEST_PX
from firmware_bridge.sources.recorded import unreadable

MOST_FRAMES = 200_000
"""Almost an hour at 60 frames a second. What states more is damaged, and a list of its frames would fill the memory."""


MOST_FRAME_BYTES = 4 * LARGEST_PX
"""More than the largest picture has in any coding. What is longer is a damaged number, or no frame but a whole video."""


def check_count(path: Path, frames: int) -> None:
    """Raises SourceUnreadable for more frames than any examination has."""
    if frames > MOST_FRAMES:
        raise unreadable(path, f"the DICOM object is damaged (its pixels make up more than {MOST_FRAMES} frames)")


@dataclass(frozen=True, slots=True)
class Span:
    """`length` bytes from `start`, counted from the beginning of the object's bytes."""

    start: int
    length: int

    def read(self, file: BinaryIO) -> bytes:
        file.seek(self.start)
        return file.read(self.length)


@dataclass(frozen=True, slots=True)
class Contents:
    """Where each frame lies. `missing` is the number of frames that are stated, or begun, but not there.

    `grey` turns the bytes of a frame to grey; it raises any exception for a damaged one.
    """

    frames: Sequence[Sequence[Span]]
    missing: int
    grey: Callable[[bytes], Grey]
    swapped: bool = False

    def read(self, file: BinaryIO, index: int) -> bytes:
        """The bytes of a frame.

        Raises:
            OSError: the disk does not give them.
        """
        if self.swapped:
            return self._read_swapped(file, self.frames[index][0])
        return b"".join(span.read(file) for span in self.frames[index])

    def _read_swapped(self, file: BinaryIO, span: Span) -> bytes:
        """Bytes that were written as big-endian words, which begin where the first frame does."""
        odd = (span.start - self.frames[0][0].start) % 2
        length = odd + span.length
        words = array("H", Span(span.start - odd, length + length % 2).read(file))
        words.byteswap()
        return words.tobytes()[odd:length]
