"""`python -m models.lung`: trains, judges on patients left out, quantises and writes the release (about an hour on two cores)."""

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from models.lung.card import card
from models.lung.dataset import FINDINGS, labels_of, load_clips, squares
from models.lung.evaluate import int8_clip_logits, judge
from models.lung.network import LungNet
from models.lung.publish import write_release
from models.lung.quantize import to_float_tflite, to_int8
from models.lung.recipe import SIDE, Recipe
from models.lung.train import clip_logits, early_features, fit

NAME, VERSION = "lung", "0.2.0"
CALIBRATION_CLIPS = 64


def main(
    data: Annotated[Path, typer.Option(envvar="SONOEDGE_DATA", help="folder that holds covid_blues/")] = Path("../shared/data"),
    release: Annotated[Path, typer.Option(help="where the release is written")] = Path("models/lung/release"),
    work: Annotated[Path, typer.Option(help="where networks and intermediate models are kept")] = Path("runs/lung"),
) -> None:
    """Makes the lung release; a fold already trained under --work is not trained again."""
    recipe = Recipe()
    clips = load_clips(data / "covid_blues")
    work.mkdir(parents=True, exist_ok=True)
    grey = squares(clips, recipe.frames_per_clip, SIDE)
    labels = labels_of(clips)
    features = early_features(grey, recipe)
    folds, patients = np.array([c.fold for c in clips]), np.array([c.patient for c in clips])

    def model_of(what: str, chosen: NDArray[np.int64]) -> tuple[LungNet, Path]:
        network = fit(features[chosen], torch.from_numpy(labels[chosen]), recipe, work / f"{what}.pt")
        calibration = grey[chosen][:: max(1, len(chosen) // CALIBRATION_CLIPS), recipe.frames_per_clip // 2]
        float_model = to_float_tflite(network, work / f"{what}_float.tflite")
        return network, to_int8(float_model, calibration, work / f"{what}_int8.tflite")

    float_logits, int8_logits = np.zeros_like(labels), np.zeros_like(labels)
    for k in np.unique(folds):
        kept, left_out = np.flatnonzero(folds != k), np.flatnonzero(folds == k)
        network, model = model_of(f"fold{k}", kept)
        float_logits[left_out] = clip_logits(network, features[left_out], recipe.frames_per_clip)
        int8_logits[left_out] = int8_clip_logits(model, grey[left_out])
    results = [
        judge(
            finding=finding,
            float_logits=float_logits[:, i],
            int8_logits=int8_logits[:, i],
            labels=labels[:, i],
            folds=folds,
            patients=patients,
        )
        for i, finding in enumerate(FINDINGS)
    ]
    text = card(name=NAME, version=VERSION, side=SIDE, clips=len(clips), patients=len(np.unique(patients)), recipe=recipe, results=results)
    _, model = model_of("all", np.arange(len(clips)))
    write_release(folder=release, model=model, name=NAME, version=VERSION, results=results, card=text)
    typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
