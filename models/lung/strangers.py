"""Pictures without a lung: their novelty serves to evaluate a release, never to fit it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.vision.strangers import as_grey, listed
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.frame import Frame, Grey
from firmware_bridge.sources.file import open_file
from models.lung.pictures import Pictures, pictures_of

NOT_ULTRASOUND, ULTRASOUND = "ood_nonus", ("dicom_us", "itkpocus_clips")
FRAMES = 6
SIDE, MADE = 350, 10
"""Pixels along each side of a generated picture, and number of pictures of each kind."""
KINDS = (
    (("MR", "emri", "examples_overlay"), "MR"),
    (("693", "CT_", "J2K", "bad_sequence", "explicit"), "CT"),
    (("RG3",), "radiograph"),
    (("JPEG", "JPG"), "scintigram"),
    (("SC_", "image_dfl", "mlut", "vlut"), "test picture"),
)
"""Prefixes of the files of medical pictures, and their kinds; all other files are photographs."""


@dataclass(frozen=True, slots=True)
class Stranger:
    file: str
    kind: str
    pictures: Pictures


def strangers(data: Path, side: int) -> Iterator[Stranger]:
    """Every decodable picture without a lung in the data folder, then black and noise. A site may have none of these folders."""
    for path in _there(data / NOT_ULTRASOUND):
        grey = as_grey(path)
        if grey is not None:
            yield Stranger(path.name, _kind(path.name), _of(grey, side))
    for folder in ULTRASOUND:
        for path in _there(data / folder):
            try:
                with open_file(path) as source:
                    yield Stranger(path.name, "other ultrasound", pictures_of(source.frames(), FRAMES, side))
            except SonoEdgeError:
                continue  # a malformed file for the tests of the sources
    for number, (kind, grey) in enumerate(_generated()):
        yield Stranger(f"generated{number}", kind, _of(grey, side))


def _there(folder: Path) -> Iterable[Path]:
    return listed(folder) if folder.is_dir() else ()


def _kind(name: str) -> str:
    return next((kind for starts, kind in KINDS if name.startswith(starts)), "photograph")


def _of(grey: Grey, side: int) -> Pictures:
    return pictures_of([Frame(np.ascontiguousarray(grey), 0, 0, 0)], 1, side)


def _generated() -> Iterator[tuple[str, Grey]]:
    rng = np.random.default_rng(0)
    for number in range(MADE):
        yield "black", np.full((SIDE, SIDE), number // 2, np.uint8)
        yield "noise", rng.integers(0, 256, (SIDE, SIDE), dtype=np.uint8)
        yield "noise", np.clip(rng.normal(12 * number, 30, (SIDE, SIDE)), 0, 255).astype(np.uint8)
