"""`python -m models.lung.quantize`: writes each trained network as a full-int8 .tflite, and its predictions for patients it never saw."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import litert_torch
import numpy as np
import torch
from ai_edge_quantizer import quantizer, recipe
from numpy.typing import NDArray
from rich.progress import track

from edge.disk.digest import digest_of
from edge.inference.look import LOOK, MachineLook
from edge.vision.prepare import INPUT_SCALE
from edge.vision.texture import SIDE
from firmware_bridge.errors import InputRefused
from models.lung import look, novelty
from models.lung.command import DataOption, ExcludeOption, NetworkOption, RecipeOption, WorkOption, chosen, run
from models.lung.fit import network_at, to_input
from models.lung.manifest import EXTERNAL, LabelledClip, load_clips
from models.lung.network import LungNet, ReleasedNetwork
from models.lung.operators import operators_of, refused_by_edge_tpu
from models.lung.pictures import load_pictures
from models.lung.plain import plain_logits
from models.lung.predict import Judging
from models.lung.predictions import FILE as PREDICTIONS
from models.lung.recipe import NetworkRecipe, Recipe
from models.lung.subsets import ALL, subsets
from models.lung.work import trained, work_folder

SIGNATURE = "serving_default"
CALIBRATION_CLIPS = 64
"""Number of training clips that set the activation ranges: half with and half without each finding, if there are enough."""


Labels = NDArray[np.float32]


class NotForCoral(InputRefused):
    """The network has an operator that the Edge TPU compiler does not support."""

    code = "not-for-coral"


def to_float_tflite(network: LungNet, spoken: int, side: int, path: Path) -> Path:
    """Writes the float network: (1, side, side, 1) in; (1, rows, columns, spoken) and (1, rows, columns, channels) out."""
    exportable = litert_torch.to_channel_last_io(ReleasedNetwork(network, spoken).eval().float(), args=[0], outputs=[0, 1])
    litert_torch.convert(exportable, (torch.zeros(1, side, side, 1),)).export(str(path))
    return path


def to_int8(float_model: Path, squares: NDArray[np.uint8], path: Path) -> Path:
    """Quantises weights (one scale per channel) and activations (ranges from (n, side, side) grey squares).

    The input range is fixed, not measured, so that its scale is exactly the scale in `edge.vision.prepare`.

    Raises:
        NotForCoral: the Edge TPU does not support an operator.
    """
    inputs = to_input(torch.from_numpy(squares)).permute(0, 2, 3, 1).numpy()
    maker = quantizer.Quantizer(str(float_model), recipe.static_wi8_ai8())
    (name,) = _input_names(float_model)
    statistics = maker.calibrate({SIGNATURE: [{name: x[np.newaxis]} for x in inputs]}, num_threads=2)
    statistics[f"{SIGNATURE}_{name}"] = {
        "min": np.full((1, 1, 1, 1), -128 * INPUT_SCALE, np.float32),
        "max": np.full((1, 1, 1, 1), 127 * INPUT_SCALE, np.float32),
    }
    maker.quantize(statistics).export_model(str(path), overwrite=True)
    if refused := refused_by_edge_tpu(operators_of(path)):
        raise NotForCoral(f"{path} has {', '.join(refused)}, which the Edge TPU compiler does not support", "Change models/lung/network.py")
    return path


def balanced(labels: Labels, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """`count` rows of (clips, findings) labels; each label of each finding occurs equally often, as long as there are enough."""
    classes = [np.flatnonzero(labels[:, i] == label) for i in range(labels.shape[1]) for label in (0, 1)]
    pools = [list(rng.permutation(members)) for members in classes if len(members)]
    taken: dict[int, None] = {}
    while len(taken) < min(count, len(labels)) and any(pools):
        for pool in pools:
            if pool and len(taken) < count:
                taken[int(pool.pop())] = None
    return np.array(list(taken), np.intp)


def quantized(folder: Path, name: str, network: NetworkRecipe, recipe: Recipe, *, labels: Labels, grey: NDArray[np.uint8]) -> Path:
    """`NAME.tflite` in the folder; made from `NAME.pt` if it does not exist.

    `labels` (clips, spoken findings) and `grey` (clips, frames, side, side) are those of its training clips.
    """
    path, weights = folder / f"{name}.tflite", trained(folder, name)
    if path.exists() and path.stat().st_mtime_ns > weights.stat().st_mtime_ns:
        return path
    rng = np.random.default_rng(recipe.seed)
    rows = balanced(labels, CALIBRATION_CLIPS, rng)
    squares = grey[rows, rng.integers(grey.shape[1], size=len(rows))]
    float_model = to_float_tflite(network_at(weights, network, recipe), len(recipe.spoken), network.side, folder / f"{name}.float.tflite")
    unfinished = to_int8(float_model, squares, folder / f"{name}.new.tflite")
    unfinished.replace(path)
    return path


def main(
    *,
    data: DataOption = Path("../shared/data"),
    work: WorkOption = Path("runs/lung"),
    recipe_file: RecipeOption = None,
    exclude: ExcludeOption = None,
    network: NetworkOption = None,
) -> None:
    """Quantises every trained network and writes its predictions for patients it never saw to WORK/NETWORK/predictions.npz."""
    recipe, networks = chosen(recipe_file, exclude, network)
    clips = load_clips(data, recipe)
    taught = np.flatnonzero([clip.taught for clip in clips])
    labels = np.array([clip.labels for clip in clips], np.float32)[:, : len(recipe.spoken)]
    training_sets = subsets(np.array([clips[i].fold for i in taught]))
    machine_looks = _looks([clip for clip in clips if clip.fold != EXTERNAL], recipe, work)
    for each in networks:
        folder = work_folder(work, each, recipe)
        pictures = load_pictures([clip.path for clip in clips], recipe.training.frames_per_clip, each.side, work / "pictures")
        for name, rows in track(training_sets.items(), f"quantising {each.name}"):
            quantized(folder, name, each, recipe, labels=labels[taught[rows]], grey=pictures.grey[taught[rows]])
        judging = Judging(folder, each, recipe, clips=clips, pictures=pictures)
        sha256 = digest_of(folder / f"{ALL}.tflite")
        look.save(sha256, machine_looks, folder / LOOK)
        predictions = judging.predictions(data, plain_logits(work, each, recipe, clips=clips, pictures=pictures))
        novelty.save(replace(judging.table, model_sha256=sha256), folder / "novelty.npz")
        predictions.save(folder / PREDICTIONS)


def _looks(clips: list[LabelledClip], recipe: Recipe, work: Path) -> list[MachineLook]:
    pictures = load_pictures([clip.path for clip in clips], recipe.training.frames_per_clip, SIDE, work / "pictures")
    return list(look.looks(clips, look.textures(pictures), recipe))


def _input_names(model: Path) -> list[str]:
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - the appliance's own interpreter accepts int8 models only

    return list(cast("list[str]", Interpreter(str(model)).get_signature_list()[SIGNATURE]["inputs"]))


if __name__ == "__main__":
    run(main)
