"""The axes of an array in a file, identified by their kinds: across, down, time and colour."""

from collections.abc import Sequence
from dataclasses import dataclass

TIME_KINDS = {"list", "time"}
COLOUR_KINDS = {
    *("vector", "covariant-vector", "normal", "point", "rgb-color", "rgba-color", "scalar", "stub"),
    *("3-color", "4-color", "3-vector", "4-vector", "3-normal"),
}
SPACE_KINDS = {"domain", "space", "none", "???"}
COLOURS = (1, 3, 4)
"""Values of one pixel: grey, RGB, RGBA."""
FRAMES, ROWS, COLUMNS, CHANNELS = "frames", "rows", "columns", "channels"
PLAIN = (FRAMES, ROWS, COLUMNS, CHANNELS)
"""The usual order, from the slowest axis to the fastest."""


class AxesUnclear(ValueError):
    """The axes are no image and no sequence of images; the text says why."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The sizes of the axes, fastest first, and the place of each role among them; None: one frame, or one value a pixel."""

    sizes: tuple[int, ...]
    columns: int
    rows: int
    frames: int | None
    channels: int | None

    @property
    def order(self) -> tuple[str, ...]:
        """The four roles, from the slowest axis to the fastest."""
        last, first = len(self.sizes), -1
        places = {
            FRAMES: last if self.frames is None else self.frames,
            ROWS: self.rows,
            COLUMNS: self.columns,
            CHANNELS: first if self.channels is None else self.channels,
        }
        return tuple(sorted(places, key=places.__getitem__, reverse=True))

    def size(self, place: int | None) -> int:
        return 1 if place is None else self.sizes[place]


def axes_of(sizes: Sequence[int], kinds: Sequence[str]) -> Axes:
    """Finds the roles; `kinds` has one word an axis, as NRRD defines them, or none at all.

    The first two axes of space are across and down. A third one is time, if no axis of time is longer than 1. An axis of one slice
    states nothing and is passed over.

    Raises:
        AxesUnclear: the kinds do not fit the sizes, or several frames of several slices.
    """
    if kinds and len(kinds) != len(sizes):
        raise AxesUnclear(f"its description contradicts itself: {len(kinds)} kinds for {len(sizes)} axes")
    named = [kind.lower() for kind in kinds] or ["domain"] * len(sizes)
    unknown = set(named) - TIME_KINDS - COLOUR_KINDS - SPACE_KINDS
    if unknown:
        raise AxesUnclear(f"an axis has the kind {min(unknown)}, which is not grey or colour")
    space = _without_single_slices(sizes, [at for at, kind in enumerate(named) if kind in SPACE_KINDS])
    times = _longer(sizes, [at for at, kind in enumerate(named) if kind in TIME_KINDS])
    colours = _longer(sizes, [at for at, kind in enumerate(named) if kind in COLOUR_KINDS])
    if times[:1] == [0] and len(times) + len(space) > 3 and sizes[0] in COLOURS:
        colours, times = [*times[:1], *colours], times[1:]  # some programs name colour a list, too
    times += space[2:]
    if len(space) < 2 or len(times) > 1 or len(colours) > 1:
        raise AxesUnclear(f"the sizes {' x '.join(map(str, sizes))} are not those of an image or of a sequence of images")
    if colours and sizes[colours[0]] not in COLOURS:
        raise AxesUnclear(f"a pixel has {sizes[colours[0]]} values, which is not grey or colour")
    return Axes(tuple(sizes), space[0], space[1], times[0] if times else None, colours[0] if colours else None)


def _longer(sizes: Sequence[int], places: list[int]) -> list[int]:
    return [at for at in places if sizes[at] != 1]


def _without_single_slices(sizes: Sequence[int], places: list[int]) -> list[int]:
    """At least two axes remain: an image may be one pixel wide."""
    kept = list(places)
    for at in reversed(places):
        if len(kept) > 2 and sizes[at] == 1:
            kept.remove(at)
    return kept
