"""`look.json`: how the frames of the validated machines look.

It is a file of its own in the folder of a release, so that a program that does not know it opens the release all the same.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from edge.inference.release_files import Additive, Count, Finite, OfModel, Share, parse_added
from edge.inference.validation import OfMachine
from edge.vision.look import Look
from edge.vision.texture import FEATURES

LOOK = "look.json"


class Guard(Additive):
    """What the look achieves on patients, and on whole sources, that were left out of its fit: shares of clips that it refuses."""

    own_clips: Count
    own_refused: Share
    other_clips: Count
    other_sources: Count
    other_refused: Share
    auroc: Share


class MachineLook(OfMachine):
    """The look of one machine: see `edge.vision.look.Look`."""

    weights: Annotated[tuple[Finite, ...], Field(min_length=FEATURES, max_length=FEATURES)]
    offset: Finite
    limit: Finite
    guard: Guard

    @property
    def look(self) -> Look:
        return Look(self.machine, np.array(self.weights), self.offset, self.limit)


class LookFile(OfModel):
    """`look.json`."""

    machines: tuple[MachineLook, ...]


def load_looks(folder: Path, files: Mapping[str, str], model_sha256: str) -> tuple[Look, ...]:
    """The looks of a release; none where it does not state them.

    Raises:
        ModelUnusable: the file is not valid, or belongs to another model.
    """
    found = parse_added(folder / LOOK, LookFile, files, model_sha256)
    return tuple(each.look for each in found.machines) if found else ()
