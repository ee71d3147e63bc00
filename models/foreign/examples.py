"""Examples of ultrasound and of other pictures: their features, as the appliance computes them, and the source of each."""

import csv
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.vision.beams import Beams
from edge.vision.foreign import features
from edge.vision.region import RegionFinder
from edge.vision.strangers import LUNGS, STRANGERS, as_grey
from firmware_bridge.example_data import manifest_of
from firmware_bridge.frame import Frame, Geometry, Grey
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults
from models.foreign.pictures import Chance, another_export, generated, varied

OTHERS = ("dicom_us", "itkpocus_clips")
GROUPED_BY = {"pocus_lung": "conservative_group"}
EVERY, AT_MOST = 12, 40
"""Frames between two examples from a clip, and the largest number of examples from a clip."""
VARIANTS = {STRANGERS: 60, "covid_blues": 2, "pocus_lung": 18, "dicom_us": 24, "itkpocus_clips": 24}
"""Number of varied versions of each file."""
GENERATED, SIMULATED = 3000, 600
SAME_SCAN = {"SC": "bars", "693": "ct", "CT": "ct", "J2K": "ct", "explicit": "ct", "bad": "ct", "MR": "mr", "examples": "mr", "JPEG": "nm"}
"""Files that start with the same one of these are copies of each other, or come from one scan: they are left out together."""
NO_REGION = ("OBXXXX1A.dcm", "OBXXXX1A_rle.dcm", "examples_palette.dcm")
"""Not used: a probe in air next to much text. The region found is the text."""


@dataclass(frozen=True, slots=True)
class Example:
    """`group` must not be split between training and testing; `seen` is the frame's number, -1 for a variant."""

    source: str
    group: str
    file: str
    seen: int
    features: NDArray[np.float64]

    @property
    def foreign(self) -> bool:
        return self.source in (STRANGERS, "generated")


def examples(data: Path) -> Iterator[Example]:
    """All examples, one after another; takes some minutes."""
    for source in (STRANGERS, *LUNGS, *OTHERS):
        for path, group in _files(data / source, source):
            yield from _of_file(source, path, group)
    for number in range(GENERATED):
        yield Example("generated", f"generated{number}", "", -1, _described([_frame(generated(np.random.default_rng(number)))])[0])
    for number in range(SIMULATED):
        yield Example("simulated", f"chest{number}", "", -1, _described(_chest(np.random.default_rng(number), number))[-1])


def _files(folder: Path, source: str) -> Iterator[tuple[Path, str]]:
    """(path, group) of each file in a data set's manifest."""
    with manifest_of(folder).open(newline="") as file:
        for row in csv.DictReader(file):
            path = folder / row["file"]
            group = SAME_SCAN.get(path.name.split("_")[0].split("-")[0].split(".")[0].rstrip("12"), path.name)
            if path.name not in NO_REGION:
                yield path, group if source == STRANGERS else row[GROUPED_BY.get(source, "patient_or_video_id")]


def _of_file(source: str, path: Path, group: str) -> Iterator[Example]:
    chance = np.random.default_rng(zlib.crc32(path.name.encode()))
    frames = _frames(source, path)
    if not frames:
        return
    for number, described in enumerate(_described(frames)):
        if number % EVERY == 0 and number < EVERY * AT_MOST:
            yield Example(source, group, path.name, number, described)
    vary = varied if source == STRANGERS else another_export
    for _ in range(VARIANTS[source]):
        some = frames[int(chance.integers(min(len(frames) - 1, 3), len(frames)))]
        yield Example(source, group, path.name, -1, _described([_frame(vary(some.pixels, chance))])[0])


def _frames(source: str, path: Path) -> list[Frame]:
    if source == STRANGERS:
        pixels = as_grey(path)
        return [] if pixels is None else [_frame(pixels)]
    with open_file(path) as recording:
        return list(islice(recording.frames(), EVERY * AT_MOST))


def _described(frames: Iterable[Frame]) -> list[NDArray[np.float64]]:
    """The features of the frames of one clip."""
    finder, found = RegionFinder(), []
    for frame in frames:
        region = finder.find(frame)
        beams = Beams.of(region)
        found.append(features(beams.along(region.cleaned(frame).pixels), beams))
    return found


def _frame(pixels: Grey, geometry: Geometry | None = None) -> Frame:
    return Frame(np.ascontiguousarray(pixels), 0, 0, 0, geometry or Geometry())


def _chest(chance: Chance, seed: int) -> list[Frame]:
    """Three frames of the simulated chest with one random fault, with or without geometry."""
    faults = (
        Faults(),
        Faults(air=chance.uniform(0, 1)),
        Faults(air=1.0),
        Faults(blur_mm=chance.uniform(0, 2)),
        Faults(haze=chance.uniform(0, 1)),
        Faults(text="R2 DOE"),
        Faults(dead=tuple(range(20, 30))),
        Faults(loss_db=chance.uniform(0, 45)),
        Faults(sweep_mm_s=chance.uniform(0, 150)),
    )[seed % 9]
    chest = Chest(
        b_lines=int(chance.integers(8)),
        depth_mm=chance.uniform(60, 200),
        gain_db=chance.uniform(46, 78),
        size=int(chance.integers(224, 700)),
        seed=seed,
        faults=faults,
    )
    geometry = chest.geometry if chance.random() < 0.6 else None
    return [_frame(chest.image(number / 5), geometry) for number in range(3)]
