"""The outline of the ultrasound in any machine's export: two straight edges, and two arcs around the point where the edges meet.

A rectangle is the same with parallel edges, which meet very far above. Text, rulers, logos and panels are thin, small or flat, and are
removed before the search for the edges.
"""

import math
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from firmware_bridge.frame import Grey
from firmware_bridge.scan.fan import Fan

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Values = TypeVar("Values", Grey, Flags)

LONGEST_SIDE = 200
"""The search uses a picture reduced to about this many pixels."""
LIT = 4
"""A pixel shows something from this many grey levels above the background."""
DITHER = 8
"""How far a palette or a lossy coding changes an even background, in grey levels."""
FLAT = 2
"""A surface whose levels differ by less within three pixels is a panel, or empty."""
THIN = 5
"""Strokes narrower than this, in reduced pixels, are text, rulers and borders."""
ON, BEYOND = 1.5, 2.5
"""In reduced pixels: a point this near lies on an edge; a point this far outside counts against the edge."""
AGAINST = 1.5
"""How much more a point outside an edge counts than one on it: shadows can make an edge too narrow; nothing makes it too wide."""
SUPPORT = 0.12
"""An edge needs points along this share of a side; with fewer, the frame cuts the side off or it lies in shadow."""
SMALL, NEARLY = 0.01, 5
"""A part smaller than this share of the picture, or ends this many reduced pixels from the edges of the main part, is no part of it."""
LEAST, PARTS = 0.05, 3
"""A part that covers a smaller share of the picture is a block of text, not ultrasound; at most this many parts are tried."""
COARSE = 3
"""Gaps of up to this many reduced pixels are closed."""
LOPSIDED = 0.15
"""The slopes of the two edges of one fan differ by less; if not, the flatter one belongs to a shadow."""
TRIED = 40
"""Lines are tried through each pair of this many points."""
PARALLEL = 0.02
FAR_AWAY = 1e5
"""Edges that approach each other by less per pixel are parallel; they then count as meeting this many pixels above."""


@dataclass(frozen=True, slots=True)
class Edge:
    """x = at + slope * y."""

    at: float
    slope: float

    def mirrored(self, axis: float) -> "Edge":
        return Edge(2 * axis - self.at, -self.slope)


@dataclass(frozen=True, slots=True)
class Outline:
    """In pixels. `near` and `far` are distances from where the edges meet; None where the frame cuts the arc off."""

    left: Edge
    right: Edge
    near: float | None = None
    far: float | None = None

    @property
    def apex(self) -> tuple[float, float]:
        """(x, y) where the edges meet, above the picture."""
        closing = self.right.slope - self.left.slope
        if closing < PARALLEL:
            return (self.left.at + self.right.at) / 2, -FAR_AWAY
        y = (self.left.at - self.right.at) / closing
        return self.left.at + self.left.slope * y, y

    @classmethod
    def whole(cls, columns: int) -> "Outline":
        """The outline of a frame that is ultrasound from edge to edge."""
        return cls(Edge(-0.5, 0.0), Edge(columns - 0.5, 0.0))

    @classmethod
    def of(cls, fan: Fan) -> "Outline":
        """The outline of a fan with a known geometry."""
        across, down = fan.mm_per_px
        (x, y), (near, far) = fan.apex_px, fan.radii_mm
        left, right = (math.tan(math.radians(angle)) * down / across for angle in fan.angles_deg)
        return cls(Edge(x - left * y, left), Edge(x - right * y, right), near / down, far / down)

    def scaled(self, by: float) -> "Outline":
        """The same outline in a picture `by` times as large."""
        shift = (by - 1) / 2
        """The middle of a reduced pixel is the middle of the pixels it stands for."""
        left, right = (Edge(edge.at * by + shift * (1 - edge.slope), edge.slope) for edge in (self.left, self.right))
        moved = replace(self, left=left, right=right)
        off = by * (self.apex[1]) + shift - moved.apex[1]
        near, far = (None if radius is None else radius * by + off for radius in (self.near, self.far))
        return replace(moved, near=near, far=far)

    def mask(self, rows: int, columns: int) -> Flags:
        """Which pixels of a (rows, columns) frame are ultrasound."""
        y, x = np.ogrid[:rows, :columns]
        inside: Flags = (x >= self.left.at + self.left.slope * y) & (x <= self.right.at + self.right.slope * y)
        if self.near is not None or self.far is not None:
            distance = self.distance(x.astype(np.float64), y.astype(np.float64))
            inside &= (distance >= (self.near or 0.0)) & (distance <= (self.far or np.inf))
        return inside

    def distance(self, x: Numbers, y: Numbers) -> Numbers:
        """Distances from the point where the edges meet, in pixels."""
        apex = self.apex
        return np.asarray(np.hypot(x - apex[0], y - apex[1]))


def find_outline(pixels: Grey) -> Outline | None:
    """Searches for the outline in grey (rows, columns), best the brightest of many frames; None where nothing large is shown."""
    step = max(1, round(max(pixels.shape) / LONGEST_SIDE))
    if min(pixels.shape) < step:
        return None
    shown = _shown(_reduced(pixels, step))
    for _ in range(PARTS):
        if not shown.any():
            return None
        main = _joined(shown)
        shown &= ~main
        outline = _fitted(main)
        beyond = _beyond(shown.copy(), main, outline)
        if beyond.any():
            outline = _fitted(main | beyond)
        if outline.mask(*shown.shape).mean() >= LEAST:
            return outline.scaled(step)
    return None


def _reduced(pixels: Grey, step: int) -> Grey:
    rows, columns = pixels.shape[0] // step * step, pixels.shape[1] // step * step
    blocks = pixels[:rows, :columns].reshape(rows // step, step, columns // step, step)
    return np.asarray(blocks.max(axis=(1, 3)), np.uint8)


def _shown(reduced: Grey) -> Flags:
    """Lit pixels that are neither flat nor thin."""
    local_range = _spread(reduced, 1, np.maximum) - _spread(reduced, 1, np.minimum)
    lit = (reduced.astype(np.int16) > _background(reduced) + LIT) & (local_range > FLAT)
    closed = _spread(lit, 1, np.maximum)
    return _spread(_spread(closed, THIN // 2 + 1, np.minimum), THIN // 2, np.maximum)


def _background(reduced: Grey) -> int:
    """The usual level of the flat places along the frame's border; below black where the picture fills the frame."""
    side = max(3, min(reduced.shape) // 20)
    flat = [
        int(block.max())
        for border in (reduced[:side], reduced[-side:], reduced[:, :side].T, reduced[:, -side:].T)
        for block in np.array_split(border, max(1, border.shape[1] // side), axis=1)
        if int(block.max()) - int(block.min()) <= DITHER
    ]
    return int(np.median(flat)) if flat else -LIT - 1


def _spread(values: Values, by: int, extreme: np.ufunc) -> Values:
    """The extreme of each place's neighbours up to `by` pixels each way, row by row and then column by column."""
    for _ in range(2):
        spread = values.copy()
        for shift in range(1, by + 1):
            extreme(spread[shift:], values[:-shift], out=spread[shift:])
            extreme(spread[:-shift], values[shift:], out=spread[:-shift])
        values = spread.T
    return values


def _beyond(rest: Flags, main: Flags, outline: Outline) -> Flags:
    """The parts above or below the main part, beyond a dark cyst or an effusion, between the same two edges."""
    lit = np.flatnonzero(main.any(axis=1))
    rest[lit[0] : lit[-1] + 1] = False
    found = np.zeros_like(rest)
    while rest.sum() > SMALL * rest.size:
        part = _joined(rest)
        rest &= ~part
        if _spans(part, outline):
            found |= part
    return found


def _spans(part: Flags, outline: Outline) -> bool:
    """Whether most rows of a part reach from edge to edge."""
    rows, first, last = _ends(part)
    left = np.maximum(outline.left.at + outline.left.slope * rows, 0)
    right = np.minimum(outline.right.at + outline.right.slope * rows, part.shape[1] - 1)
    return bool(np.mean((np.abs(first - left) < NEARLY) & (np.abs(last - right) < NEARLY)) > 0.5)


def _ends(shown: Flags) -> tuple[NDArray[np.intp], Numbers, Numbers]:
    """The rows where anything is shown, with the first and last column of each; columns and rows change places if transposed."""
    rows = np.flatnonzero(shown.any(axis=1))
    first = shown.argmax(axis=1)[rows].astype(np.float64)
    last = shown.shape[1] - 1 - shown[:, ::-1].argmax(axis=1)[rows].astype(np.float64)
    return rows, first, last


def _joined(shown: Flags) -> Flags:
    """The connected part where most is shown; gaps of less than `COARSE` pixels are closed."""
    rows, columns = (-(-side // COARSE) for side in shown.shape)
    padded = np.zeros((rows * COARSE, columns * COARSE), np.bool_)
    padded[: shown.shape[0], : shown.shape[1]] = shown
    coarse = padded.reshape(rows, COARSE, columns, COARSE).any(axis=(1, 3))
    dense = np.asarray(Image.fromarray(coarse.view(np.uint8) * np.uint8(250)).filter(ImageFilter.BoxBlur(min(rows, columns) // 8)))
    part = np.zeros_like(coarse)
    part[np.unravel_index(np.argmax(np.where(coarse, dense.astype(np.int16) + 1, 0)), coarse.shape)] = True
    while True:
        grown = part.copy()
        grown[1:] |= part[:-1]
        grown[:-1] |= part[1:]
        grown[:, 1:] |= part[:, :-1]
        grown[:, :-1] |= part[:, 1:]
        grown &= coarse
        if (grown == part).all():
            return np.asarray(shown & part.repeat(COARSE, 0).repeat(COARSE, 1)[: shown.shape[0], : shown.shape[1]])
        part = grown


def _fitted(shown: Flags) -> Outline:
    outline = _edges(shown)
    columns, top, bottom = _ends(shown.T)
    x = columns.astype(np.float64)
    near = _radius(outline.distance(x, top), top > 0, 1)
    far = _radius(outline.distance(x, bottom), bottom < shown.shape[0] - 1, -1)
    return replace(outline, near=near, far=far)


def _edges(shown: Flags) -> Outline:
    rows, first, last = _ends(shown)
    left = _straight_edge(rows, first)
    mirror = _straight_edge(rows, shown.shape[1] - 1 - last)
    right = None if mirror is None else Edge(shown.shape[1] - 1 - mirror.at, -mirror.slope)
    axis = float(first[0] + last[0]) / 2
    if left is not None and right is not None and abs(left.slope + right.slope) > LOPSIDED:
        left, right = (left, None) if -left.slope > right.slope else (None, right)
    if left is None:
        left = right.mirrored(axis) if right is not None and right.slope > PARALLEL else Edge(-0.5, 0.0)
    if right is None:
        right = left.mirrored(axis) if left.slope < -PARALLEL else Edge(shown.shape[1] - 0.5, 0.0)
    return Outline(left, right)


def _straight_edge(rows: NDArray[np.intp], first: Numbers) -> Edge | None:
    """The line with most of the outermost points on it and few outside it."""
    free = first > 0
    if free.sum() < max(2, SUPPORT * len(rows)):
        return None
    some = np.flatnonzero(free)[:: max(1, int(free.sum()) // TRIED)]
    y, x = rows[some].astype(np.float64), first[some]
    i, j = np.triu_indices(len(y), k=max(1, len(y) // 8))
    slope = (x[j] - x[i]) / (y[j] - y[i])
    at = x[i] - slope * y[i]
    steep = (slope < PARALLEL * 2) & (slope > -2.5)
    slope, at = slope[steep], at[steep]
    if not len(slope):
        return None
    on = _consensus(first[None, :] - (at[:, None] + slope[:, None] * rows[None, :]), free)
    if on is None:
        return None
    fitted = np.polyfit(rows[on], first[on], 1)
    return Edge(float(fitted[1]) - 0.5, float(fitted[0]))


def _radius(distance: Numbers, free: Flags, outward: int) -> float | None:
    """The distance of most points, with few nearer (`outward` 1, the near arc) or farther (-1, the far arc).

    None where the frame cuts the arc off.
    """
    candidates = distance[free]
    if len(candidates) < max(2, SUPPORT * len(distance)):
        return None
    on = _consensus((distance[None, :] - candidates[:, None]) * outward, free)
    return None if on is None else float(np.median(distance[on])) - 0.5 * outward


def _consensus(off: Numbers, free: Flags) -> Flags | None:
    """The points on the best candidate: most points on it and few outside; None where no candidate has enough points.

    `off` (candidates, points) is how far inside each point is, negative outside; a point that is not `free` is on the border of the frame.
    """
    on = (np.abs(off) <= ON) & free[None, :]
    count = on.sum(axis=1)
    score = count - AGAINST * (off < -BEYOND).sum(axis=1)
    best = int(score.argmax())
    if count[best] < SUPPORT * off.shape[1] or score[best] <= 0:
        return None
    return np.asarray(on[best])
