"""How often real lungs are called "no ultrasound", and how often photographs, CT, MR and test pictures are."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from statistics import mean

import numpy as np
import pydicom
from pydicom.uid import JPEGExtended12Bit

from edge.vision.standardise import Standardiser
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.example_data import manifest_of
from firmware_bridge.frame import Frame, Grey
from firmware_bridge.sources.file import open_file

LUNGS, STRANGERS = ("covid_blues", "pocus_lung"), "ood_nonus"
FRAMES = 6
"""So many frames of each lung clip are judged."""
CODE, SIDE = "NOT_ULTRASOUND", 224


def lungs_refused(data: Path) -> float:
    """The share of lung frames that are called no ultrasound."""
    return mean(refused for source in LUNGS for path in listed(data / source) for refused in _of_clip(path))


def strangers_refused(data: Path) -> float:
    """The share of the other pictures that are called no ultrasound."""
    pictures = [picture for path in listed(data / STRANGERS) if (picture := as_grey(path)) is not None]
    return mean(next(iter(_refused([Frame(picture, 0, 0, 0)]))) for picture in pictures)


def listed(folder: Path) -> list[Path]:
    """The files named in the manifest of a data set.

    Raises:
        ExampleDataAbsent: it has none.
    """
    with manifest_of(folder).open(newline="") as file:
        return [folder / row["file"] for row in csv.DictReader(file)]


def as_grey(path: Path) -> Grey | None:
    """A picture as 8-bit grey, also one with more bits, which the appliance's own sources refuse; None for 12-bit JPEG."""
    try:
        with open_file(path) as source:
            return next(iter(source.frames())).pixels
    except SonoEdgeError:
        pass
    dataset = pydicom.dcmread(path)
    if dataset.file_meta.TransferSyntaxUID == JPEGExtended12Bit:
        return None
    values = dataset.pixel_array.astype(np.float64)
    while values.ndim > 2 and values.shape[-1] != 3:
        values = values[len(values) // 2]
    grey = values.mean(axis=-1) if values.ndim > 2 else values
    low, high = np.percentile(grey, [1, 99])
    return np.asarray(np.clip(255 * (grey - low) / max(1e-9, high - low), 0, 255), np.uint8)


def _of_clip(path: Path) -> Iterator[bool]:
    with open_file(path) as source:
        yield from _refused(islice(source.frames(), FRAMES))


def _refused(frames: Iterable[Frame]) -> Iterator[bool]:
    standardiser = Standardiser(SIDE)
    for frame in frames:
        yield any(reason.code == CODE for reason in standardiser.take(frame).quality.reasons)
