"""Writes a release folder: the model, what it means (`release.json`), its card."""

import hashlib
import json
import shutil
from pathlib import Path

from models.lung.dataset import FINDINGS, NAMES
from models.lung.recipe import SIDE
from models.lung.result import FindingResult

MODEL_FILE = "lung.tflite"


def write_release(*, folder: Path, model: Path, name: str, version: str, results: list[FindingResult], card: str) -> None:
    """Replaces what `edge.inference.release.ModelRelease.load` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(model, folder / MODEL_FILE)
    fitted = {r.finding: r for r in results}
    said = {
        "name": name,
        "version": version,
        "model": MODEL_FILE,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "input_side": SIDE,
        "findings": [
            {"key": k, "name": NAMES[k], "slope": round(fitted[k].slope, 4), "offset": round(fitted[k].offset, 4)} for k in FINDINGS
        ],
        "data": "COVID-BLUES, doi 10.1109/JBHI.2025.3543686",
        "data_licence": "CC BY-NC-ND 4.0",
        "use": "research use, not a diagnosis",
    }
    (folder / "release.json").write_text(json.dumps(said, indent=2) + "\n")
    (folder / "card.md").write_text(card)
