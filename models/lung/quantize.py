"""From the trained network to a full-int8 .tflite: convert, calibrate on training frames, quantise."""

from pathlib import Path
from typing import cast

import litert_torch
import numpy as np
import torch
from ai_edge_quantizer import quantizer, recipe
from numpy.typing import NDArray

from edge.vision.prepare import INPUT_SCALE
from models.lung.network import LungNet
from models.lung.recipe import SIDE
from models.lung.train import to_input

SIGNATURE = "serving_default"


def to_float_tflite(network: LungNet, path: Path) -> Path:
    """Writes the float network: (1, side, side, 1) in, (1, rows, columns, findings) out."""
    exportable = litert_torch.to_channel_last_io(network.eval().float(), args=[0], outputs=[0])
    litert_torch.convert(exportable, (torch.zeros(1, SIDE, SIDE, 1),)).export(str(path))
    return path


def to_int8(float_model: Path, squares: NDArray[np.uint8], path: Path) -> Path:
    """Quantises weights and activations, calibrated on (n, side, side) grey squares.

    The input's range is set, not measured, so that its scale is exactly the one that `edge.vision.prepare` assumes.
    """
    inputs = to_input(squares).permute(0, 2, 3, 1).numpy()
    maker = quantizer.Quantizer(str(float_model), recipe.static_wi8_ai8())
    (name,) = _input_names(float_model)
    statistics = maker.calibrate({SIGNATURE: [{name: x[np.newaxis]} for x in inputs]}, num_threads=2)
    statistics[f"{SIGNATURE}_{name}"] = {
        "min": np.full((1, 1, 1, 1), -128 * INPUT_SCALE, np.float32),
        "max": np.full((1, 1, 1, 1), 127 * INPUT_SCALE, np.float32),
    }
    maker.quantize(statistics).export_model(str(path), overwrite=True)
    return path


def _input_names(model: Path) -> list[str]:
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - the device's own seam takes int8 models only

    return list(cast("list[str]", Interpreter(str(model)).get_signature_list()[SIGNATURE]["inputs"]))
