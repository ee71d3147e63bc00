"""`look.json`: how the frames of the validated machines look.

It is a file of its own in the folder of a release, so that a program that does not know it opens the release all the same.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.release_files import Digest, Finite, parse
from edge.inference.validation import Part
from edge.vision.look import Look
from edge.vision.texture import FEATURES
from firmware_bridge.machine import Machine

LOOK = "look.json"
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Open(BaseModel):
    """A later program may add keys, which this one does not use."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Guard(_Open):
    """What the look achieves on patients, and on whole sources, that were left out of its fit: shares of clips that it refuses."""

    own_clips: Count
    own_refused: Share
    other_clips: Count
    other_sources: Count
    other_refused: Share
    auroc: Share


class MachineLook(_Open):
    """The look of one machine: see `edge.vision.look.Look`."""

    maker: Part
    model: Part
    probe: Part = ""
    preset: Part = ""
    weights: Annotated[tuple[Finite, ...], Field(min_length=FEATURES, max_length=FEATURES)]
    offset: Finite
    limit: Finite
    guard: Guard

    @property
    def machine(self) -> Machine:
        return Machine(self.maker, self.model, self.probe, self.preset)

    @property
    def look(self) -> Look:
        return Look(self.machine, np.array(self.weights), self.offset, self.limit)


class LookFile(_Open):
    """`look.json`."""

    model_sha256: Digest
    machines: tuple[MachineLook, ...]


def load_looks(folder: Path, files: Mapping[str, str], model_sha256: str) -> tuple[Look, ...]:
    """The looks of a release; none where it does not state them.

    Raises:
        ModelUnusable: the file is not valid, or belongs to another model.
    """
    if LOOK not in files:
        return ()
    found = parse(folder / LOOK, LookFile)
    if found.model_sha256 != model_sha256:
        raise ModelUnusable(f"{folder / LOOK} belongs to another model", COPY_AGAIN)
    return tuple(each.look for each in found.machines)
