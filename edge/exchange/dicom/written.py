"""What was written of an exam: one line an object, and one for each thing that could not be written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import Self

CLIP, STILL, MAP, REPORT, REJECTED, REVIEW, DOCUMENT = "clip", "still", "map", "report", "rejected", "review", "document"
"""The kinds of objects. REJECTED and REVIEW are the key objects that point at images; the images themselves are clips and stills."""
IMAGES = frozenset({CLIP, STILL})


@dataclass(frozen=True, slots=True)
class Written:
    """A DICOM object at `path`; `zone` is empty where it is of the whole exam, `frames` 0 where there are none.

    `first` is the sequence number of its first frame in the recording, 0 where there is none; `sequences` are those of all its frames, in
    order, because frames can be lost between them. `clip` is the id of the clip's record, and `superseded` tells images of a zone that was
    taken again: they are sent as evidence, and no finding rests on them.
    """

    path: Path
    kind: str
    zone: str
    sop_class: str
    sop_instance: str
    series: str
    study: str
    frames: int = 0
    first: int = 0
    clip: str = ""
    superseded: bool = False
    sequences: Sequence[int] = ()

    @property
    def is_image(self) -> bool:
        """Whether it holds frames as they were recorded."""
        return self.kind in IMAGES

    def frame_of(self, sequence: int) -> int:
        """The number, from 1, of the frame with this sequence number; 0 where it is not in this object."""
        try:
            return self.sequences.index(sequence) + 1
        except ValueError:
            return 0


@dataclass(frozen=True, slots=True)
class Missing:
    """What of an exam is not in its objects: an object of `kind` of a `zone` (empty: of the whole exam), and `why`, in words."""

    kind: str
    zone: str
    why: str


class Objects(tuple[Written, ...]):
    """The objects of an exam in the order in which they are sent; `missing` states what could not be written, or not in full."""

    missing: tuple[Missing, ...] = ()

    @classmethod
    def of(cls, written: Iterable[Written], missing: Iterable[Missing] = ()) -> Self:
        """These objects."""
        made = cls(written)
        made.missing = tuple(missing)
        return made
