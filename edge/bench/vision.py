"""How well the ultrasound is found in other machines' exports, against masks drawn by hand, and what it costs a frame."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pydantic import BaseModel, TypeAdapter

from edge.vision.prepare import prepare
from edge.vision.quality import assess
from edge.vision.region import RegionFinder, overlap
from firmware_bridge.errors import SourceAbsent
from firmware_bridge.frame import Frame
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import Chest

TARGETS = {"ms_per_frame": ("<=", 3.0), "iou_min": (">=", 0.95)}
DATA_VARIABLE, DATA_FOLDER = "SONOEDGE_DATA", "../shared/data"
FRAMES = 31
"""Of each clip so many are looked at before its region is compared."""
COST_FRAMES, INPUT_SIDE = 256, 224
ROWS, COLUMNS, SIDE = 480, 640, 640


class DrawnMask(BaseModel):
    """One frame's ultrasound as a polygon of (x, y) pixels, whose corners may lie outside of the frame."""

    file: str
    machine: str
    size: tuple[int, int]
    polygon: list[tuple[float, float]]

    def mask(self) -> NDArray[np.bool_]:
        """(rows, columns)."""
        picture = Image.new("1", self.size)
        ImageDraw.Draw(picture).polygon(self.polygon, fill=1)
        return np.asarray(picture)


@dataclass(frozen=True, slots=True)
class VisionFigures:
    """`iou` is intersection over union with the drawn masks; `ms_per_frame` is region, quality and tensor of 640x480, one core."""

    masks: int
    iou_mean: float
    iou_min: float
    ms_per_frame: float


def drawn_masks() -> list[DrawnMask]:
    """Those that were drawn by hand, on frames of the folder that SONOEDGE_DATA names."""
    text = (files("edge.bench") / "region_masks.json").read_text()
    return TypeAdapter(list[DrawnMask]).validate_json(text)


def data_folder() -> Path:
    """Where the recordings of other machines are.

    Raises:
        SourceAbsent: they are not there.
    """
    folder = Path(os.environ.get(DATA_VARIABLE, DATA_FOLDER))
    if not folder.is_dir():
        raise SourceAbsent(f"no recordings of other machines in {folder}", f"Set {DATA_VARIABLE} to the folder that holds them")
    return folder


def measure(each: Callable[[], None] = lambda: None) -> VisionFigures:
    """Compares every drawn mask; `each` is called after each.

    Raises:
        BridgeError: a recording is not there, or cannot be read.
    """
    folder = data_folder()
    agreements = []
    for drawn in drawn_masks():
        agreements.append(agreement(drawn, folder))
        each()
    return VisionFigures(len(agreements), mean(agreements), min(agreements), cost_ms())


def agreement(drawn: DrawnMask, folder: Path) -> float:
    """Intersection over union of one drawn mask with what is found."""
    finder = RegionFinder()
    with open_file(folder / drawn.file) as source:
        regions = [finder.find(frame) for frame in islice(source.frames(), FRAMES)]
    return overlap(regions[-1].mask, drawn.mask())


def cost_ms() -> float:
    """Mean milliseconds a frame over a clip of the simulated chest, whose geometry is withheld: from the first look at its pixels on."""
    finder = RegionFinder()
    took = 0
    for frame in _clip():
        begun = time.thread_time_ns()
        cleaned = finder.find(frame).cleaned(frame)
        assess(cleaned)
        prepare(cleaned.pixels, INPUT_SIDE)
        took += time.thread_time_ns() - begun
    return took / 1e6 / COST_FRAMES


def _clip() -> Iterator[Frame]:
    chest = Chest(3, size=SIDE)
    pictures = [chest.image(number / 25)[:ROWS, :COLUMNS].copy() for number in range(8)]
    for number in range(COST_FRAMES):
        yield Frame(pictures[number % len(pictures)], number, number * 40_000, 0)
