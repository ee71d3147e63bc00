"""Predictions: what a release's networks say of clips whose patients they never saw. By these a release is calibrated and judged."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.inference.errors import ModelUnusable
from edge.inference.tables import load_table
from firmware_bridge.errors import InputRefused

Strings = NDArray[np.str_]
Integers = NDArray[np.int64]
Values = NDArray[np.float32]
Flags = NDArray[np.bool_]

FILE = "predictions.npz"
EXTERNAL = -1
"""The fold of a clip that no network was taught from."""
STRANGER = "stranger_"
"""How the names of the strangers' arrays begin in the file."""
MAKE_AGAIN = "Run python -m models.lung.train and python -m models.lung.quantize first"


class PredictionsUnusable(InputRefused):
    """There are no predictions, or they do not fit each other."""

    code = "predictions-unusable"


@dataclass(frozen=True, slots=True, eq=False)
class Strangers:
    """(n,) arrays of pictures that are no lung. `kinds` as "photograph" or "noise"; a `quality_refused` one the quality check stops."""

    files: Strings
    kinds: Strings
    novelty: Values
    quality_refused: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """(n,) or (n, findings) arrays over clips.

    `files` are relative to the data folder (`covid_blues/lus_videos/patient_10_L1.mp4`). A clip was read by the network that learned from
    other `folds`; one of the fold EXTERNAL by the network that learned from all. `labels` are NaN where not known. Logits are the mean over
    a clip's frames, novelty is so too, by a table fitted without the clip's patient; larger is stranger. `zone` is a BLUE point or empty.
    """

    release: str
    findings: tuple[str, ...]
    files: Strings
    patients: Strings
    folds: Integers
    dataset: Strings
    zone: Strings
    labels: Values
    float_logits: Values
    int8_logits: Values
    novelty: Values
    strangers: Strangers

    def save(self, path: Path) -> None:
        """Writes an .npz without pickled objects, whole or not at all."""
        own = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self) if field.name != "strangers"}
        others = {STRANGER + field.name: getattr(self.strangers, field.name) for field in fields(Strangers)}
        beside = path.with_suffix(".new.npz")
        np.savez_compressed(beside, allow_pickle=False, **own, **others)
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Predictions":
        """Reads what `save` wrote.

        Raises:
            PredictionsUnusable: the file is not there or damaged, or its arrays do not fit each other.
        """
        try:
            loaded = cls._of(load_table(path))
        except ModelUnusable as error:
            raise PredictionsUnusable(error.what, MAKE_AGAIN) from error
        except (KeyError, ValueError) as error:
            raise PredictionsUnusable(f"{path} holds no predictions ({error})", MAKE_AGAIN) from error
        loaded._check(path)
        return loaded

    @classmethod
    def _of(cls, found: Mapping[str, NDArray[np.generic]]) -> "Predictions":
        return cls(
            release=str(found["release"]),
            findings=tuple(map(str, found["findings"])),
            files=found["files"].astype(np.str_),
            patients=found["patients"].astype(np.str_),
            folds=found["folds"].astype(np.int64),
            dataset=found["dataset"].astype(np.str_),
            zone=found["zone"].astype(np.str_),
            labels=found["labels"].astype(np.float32),
            float_logits=found["float_logits"].astype(np.float32),
            int8_logits=found["int8_logits"].astype(np.float32),
            novelty=found["novelty"].astype(np.float32),
            strangers=Strangers(
                files=found[STRANGER + "files"].astype(np.str_),
                kinds=found[STRANGER + "kinds"].astype(np.str_),
                novelty=found[STRANGER + "novelty"].astype(np.float32),
                quality_refused=found[STRANGER + "quality_refused"].astype(np.bool_),
            ),
        )

    def _check(self, path: Path) -> None:
        clips, strangers = len(self.files), len(self.strangers.files)
        shapes = {
            **dict.fromkeys(("files", "patients", "folds", "dataset", "zone", "novelty"), (clips,)),
            **dict.fromkeys(("labels", "float_logits", "int8_logits"), (clips, len(self.findings))),
        }
        wrong = [name for name, shape in shapes.items() if getattr(self, name).shape != shape]
        wrong += [STRANGER + field.name for field in fields(Strangers) if getattr(self.strangers, field.name).shape != (strangers,)]
        numbers = ("float_logits", "int8_logits", "novelty")
        wrong += [name for name in numbers if not np.isfinite(getattr(self, name)).all()]
        if wrong or not clips or not self.findings:
            raise PredictionsUnusable(f"{path} does not fit itself: {', '.join(wrong) or 'no clips or findings'}", MAKE_AGAIN)
