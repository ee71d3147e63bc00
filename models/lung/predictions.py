"""Predictions: the outputs of a release's networks for clips of patients they never saw. They calibrate and evaluate a release."""

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
"""The fold of a clip that no network was trained on."""
STRANGER = "stranger_"
"""Prefix of the names of the foreign pictures' arrays in the file."""
MAKE_AGAIN = "Run python -m models.lung.train and python -m models.lung.quantize first"


class PredictionsUnusable(InputRefused):
    """There are no predictions, or their arrays do not match."""

    code = "predictions-unusable"


@dataclass(frozen=True, slots=True, eq=False)
class Strangers:
    """(n,) arrays for pictures without a lung. `kinds` is such as "photograph"; `quality_refused`: the quality check refuses it."""

    files: Strings
    kinds: Strings
    novelty: Values
    quality_refused: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """(n,) or (n, findings) arrays over clips.

    `files` are relative to the data folder (`covid_blues/lus_videos/patient_10_L1.mp4`). The network that read a clip was trained on the
    other `folds`; a clip of the fold EXTERNAL was read by the network trained on all. In `labels`, NaN is unknown. Logits and novelty are
    means over a clip's frames; the novelty table was fitted without the clip's patient, and larger is more novel. `plain_logits` are those
    of the plain network of the same fold (float), NaN without one.

    `zone` is a BLUE point or empty. `calibrates`: calibration and prediction sets are fitted to the clip. `healthy`: the manifest states
    that the lung is. `sources` names the whole source that the network of the clip's fold never saw, or is empty.
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
    plain_logits: Values
    novelty: Values
    calibrates: Flags
    healthy: Flags
    sources: Strings
    strangers: Strangers

    def save(self, path: Path) -> None:
        """Writes an .npz without pickled objects, atomically."""
        own = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self) if field.name != "strangers"}
        others = {STRANGER + field.name: getattr(self.strangers, field.name) for field in fields(Strangers)}
        unfinished = path.with_suffix(".new.npz")
        np.savez_compressed(unfinished, allow_pickle=False, **own, **others)
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Predictions":
        """Reads a file from `save`.

        Raises:
            PredictionsUnusable: the file does not exist or is damaged, or its arrays do not match.
        """
        try:
            loaded = cls._of(load_table(path))
        except ModelUnusable as error:
            raise PredictionsUnusable(error.what, MAKE_AGAIN) from error
        except (KeyError, ValueError) as error:
            raise PredictionsUnusable(f"{path} contains no predictions ({error})", MAKE_AGAIN) from error
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
            plain_logits=found["plain_logits"].astype(np.float32),
            novelty=found["novelty"].astype(np.float32),
            calibrates=found["calibrates"].astype(np.bool_),
            healthy=found["healthy"].astype(np.bool_),
            sources=found["sources"].astype(np.str_),
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
            **dict.fromkeys(("files", "patients", "folds", "dataset", "zone", "novelty", "calibrates", "healthy", "sources"), (clips,)),
            **dict.fromkeys(("labels", "float_logits", "int8_logits", "plain_logits"), (clips, len(self.findings))),
        }
        wrong = [name for name, shape in shapes.items() if getattr(self, name).shape != shape]
        wrong += [STRANGER + field.name for field in fields(Strangers) if getattr(self.strangers, field.name).shape != (strangers,)]
        numbers = ("float_logits", "int8_logits", "novelty")
        wrong += [name for name in numbers if not np.isfinite(getattr(self, name)).all()]
        if wrong or not clips or not self.findings:
            raise PredictionsUnusable(f"{path} has arrays that do not match: {', '.join(wrong) or 'no clips or findings'}", MAKE_AGAIN)
