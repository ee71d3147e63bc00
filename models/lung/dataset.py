"""COVID-BLUES lung clips with their labels, grouped by patient (Wiedemann et al., IEEE JBHI 2025, doi 10.1109/JBHI.2025.3543686)."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from edge.vision.standardise import Standardiser
from firmware_bridge.frame import Grey
from firmware_bridge.sources.file import open_file

FINDINGS = ("b_lines", "a_lines", "severity_2_plus")
NAMES = {"b_lines": "B-lines", "a_lines": "A-lines", "severity_2_plus": "Severity 2 or more"}


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """One video; `labels` holds 0 or 1 in the order of FINDINGS; `fold` never splits a patient."""

    path: Path
    patient: str
    fold: int
    labels: tuple[int, ...]


def load_clips(folder: Path) -> list[LabelledClip]:
    """All clips that `manifest.csv` in the data set's folder names."""
    with (folder / "manifest.csv").open(newline="") as file:
        return [
            LabelledClip(
                path=folder / row["file"],
                patient=row["patient_or_video_id"],
                fold=int(row["fold"]),
                labels=(int(row["b_lines"] == "yes"), int(row["a_lines"] == "yes"), int(float(row["severity"]) >= 2)),
            )
            for row in csv.DictReader(file)
        ]


def spread(pictures: list[Grey], count: int) -> list[Grey]:
    """`count` of the pictures, evenly spread over the clip."""
    return [pictures[i] for i in np.linspace(0, len(pictures) - 1, count).round().astype(int)]


def squares(clips: list[LabelledClip], per_clip: int, side: int) -> NDArray[np.uint8]:
    """Frames as the network sees them: (clips, per_clip, side, side) grey, through the appliance's own source and preprocessing."""
    made = np.empty((len(clips), per_clip, side, side), np.uint8)
    for i, clip in enumerate(track(clips, "reading clips")):
        made[i] = spread(_squares_of(clip.path, side), per_clip)
    return made


def _squares_of(path: Path, side: int) -> list[Grey]:
    standardiser = Standardiser(side)
    with open_file(path) as source:
        return [standardiser.take(frame).picture for frame in source.frames()]


def labels_of(clips: list[LabelledClip]) -> NDArray[np.float32]:
    """(clips, findings), 0 or 1."""
    return np.array([clip.labels for clip in clips], np.float32)
