"""Accuracy and cost of vision: the ultrasound region in other machines' exports against hand-drawn masks, and the detection of faults."""

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

from edge.bench import same_tissue
from edge.bench.reasons import reason_auc
from edge.vision.beams import Beams
from edge.vision.field import cut_out, field_of
from edge.vision.level import levelled
from edge.vision.measure import Measurer
from edge.vision.prepare import to_tensor
from edge.vision.quality import assess
from edge.vision.region import RegionFinder, overlap
from edge.vision.strangers import LUNGS, STRANGERS, lungs_refused, strangers_refused
from firmware_bridge.example_data import example_data, manifest_of
from firmware_bridge.frame import Frame
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import Chest

TARGETS = {
    "ms_per_frame": ("<=", 3.0),
    "quality_ms": ("<=", 1.0),
    "iou_min": (">=", 0.95),
    "not_ultrasound_lung": ("<=", 0.01),
    "not_ultrasound_ood": (">=", 0.99),
    "reason_auc": (">=", 0.95),
    "same_tissue_change": ("<=", 0.05),
}
FRAMES = 31
"""Frames of each clip that are analysed before its region is compared."""
COST_FRAMES, INPUT_SIDE = 256, 224
ROWS, COLUMNS, SIDE = 480, 640, 640


class DrawnMask(BaseModel):
    """The ultrasound region of one frame as a polygon of (x, y) pixels; its corners may lie outside the frame."""

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
    """The figures of `sonoedge bench vision`.

    `iou` is intersection over union with the drawn masks. `ms_per_frame` is the time for region, quality, picture and tensor of a 640x480
    frame on one core; `quality_ms` is its part for quality. `not_ultrasound_lung` and `not_ultrasound_ood` are the shares of lung frames
    and of other pictures that are classified as not ultrasound. `reason_auc` is by code. `same_tissue_change` is the largest difference of
    a finding's probability between machines that show the same tissue, `same_tissue_change_raw` the same without standardisation.
    """

    masks: int
    iou_mean: float
    iou_min: float
    ms_per_frame: float
    quality_ms: float
    not_ultrasound_lung: float
    not_ultrasound_ood: float
    reason_auc: dict[str, float]
    same_tissue_change: float
    same_tissue_change_raw: float


def drawn_masks() -> list[DrawnMask]:
    """The hand-drawn masks, for frames in the folder SONOEDGE_DATA."""
    text = (files("edge.bench") / "region_masks.json").read_text()
    return TypeAdapter(list[DrawnMask]).validate_json(text)


def measure(each: Callable[[], None] = lambda: None) -> VisionFigures:
    """Compares every drawn mask and measures all figures; calls `each` after each mask.

    Raises:
        ExampleDataAbsent: there are no recordings of other machines.
        BridgeError: a recording does not exist, or cannot be read.
        ModelUnusable, RuntimeAbsent: the model cannot be used.
    """
    folder, masks = example_data(), drawn_masks()
    for name in (*LUNGS, STRANGERS, *(drawn.file.partition("/")[0] for drawn in masks)):
        manifest_of(folder / name)
    agreements = []
    for drawn in masks:
        agreements.append(agreement(drawn, folder))
        each()
    whole, quality = cost_ms()
    change = same_tissue.measure()
    return VisionFigures(
        masks=len(agreements),
        iou_mean=mean(agreements),
        iou_min=min(agreements),
        ms_per_frame=whole,
        quality_ms=quality,
        not_ultrasound_lung=lungs_refused(folder),
        not_ultrasound_ood=strangers_refused(folder),
        reason_auc=reason_auc(),
        same_tissue_change=change.standardised,
        same_tissue_change_raw=change.raw,
    )


def agreement(drawn: DrawnMask, folder: Path) -> float:
    """Intersection over union of one drawn mask and the detected region."""
    finder = RegionFinder()
    with open_file(folder / drawn.file) as source:
        regions = [finder.find(frame) for frame in islice(source.frames(), FRAMES)]
    return overlap(regions[-1].mask, drawn.mask())


def cost_ms() -> tuple[float, float]:
    """Mean milliseconds per frame of the whole, and of quality alone.

    Measured on a clip of the simulated chest without geometry, from the first access to the pixels.
    """
    finder, measurer = RegionFinder(), Measurer()
    preparing = judging = 0
    for frame in _clip():
        begun = time.thread_time_ns()
        region = finder.find(frame)
        cleaned = region.cleaned(frame)
        square = cut_out(cleaned.pixels, field_of(cleaned.geometry, region), INPUT_SIDE)
        to_tensor(levelled(square))
        prepared = time.thread_time_ns()
        assess(frame.sequence, measurer.measure(cleaned, Beams.of(region), square))
        preparing += prepared - begun
        judging += time.thread_time_ns() - prepared
    return (preparing + judging) / 1e6 / COST_FRAMES, judging / 1e6 / COST_FRAMES


def _clip() -> Iterator[Frame]:
    chest = Chest(3, size=SIDE)
    pictures = [chest.image(number / 25)[:ROWS, :COLUMNS].copy() for number in range(8)]
    for number in range(COST_FRAMES):
        yield Frame(pictures[number % len(pictures)], number, number * 40_000, 0)
