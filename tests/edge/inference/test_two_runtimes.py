"""ai-edge-litert and tflite-runtime, each in its own environment, on the same 100 real frames."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.inference.reader import Reader
from edge.vision.prepare import to_tensor

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(sys.prefix).resolve()
LARGEST_CHANGE = 0.02
"""How far a clip's probability may move between the two."""


def other_environment():
    """Of the two environments under the project's root, the one that does not run this test."""
    for name in (".venv-tflite", ".venv"):
        python = ROOT / name / "bin/python"
        if python.exists() and (ROOT / name).resolve() != HERE:
            return python
    return None


@pytest.mark.slow
def test_a_clip_is_read_alike_on_both(release, real_clips, tmp_path, missing, capsys):
    python = other_environment()
    if python is None:
        missing("the other runtime's environment (make test-tflite makes it)")
    reader = Reader.load(release)
    tensors = np.stack([to_tensor(reader.standardiser().take(frame).picture) for clip in real_clips for frame in clip])
    assert len(tensors) == 100
    np.save(tmp_path / "tensors.npy", tensors)
    command = [str(python), str(Path(__file__).with_name("run_on.py")), str(tmp_path / "tensors.npy"), str(tmp_path / "outputs.npy")]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PYTHONPATH": str(ROOT)}
    stated = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=110)
    assert stated.returncode == 0, stated.stderr
    here = np.stack([reader.interpreter.invoke(t)[0] for t in tensors])
    there = np.load(tmp_path / "outputs.npy")
    assert stated.stdout.split()[0] != reader.interpreter.runtime

    step = int(np.abs(here.astype(int) - there.astype(int)).max())
    change = np.abs(clip_chances(reader, here, len(real_clips)) - clip_chances(reader, there, len(real_clips))).max()
    with capsys.disabled():
        other = stated.stdout.strip()
        print(f"\n{reader.interpreter.runtime} against {other}: largest int8 step {step}, largest change of a clip {change:.4f}")
    assert change <= LARGEST_CHANGE


def clip_chances(reader, outputs, clips):
    """(clips, findings) probabilities from (frames, 1, rows, columns, findings) int8 maps."""
    end = reader.interpreter.outputs[0]
    logits = ((outputs.astype(np.float64) - end.zero_point) * end.scale).mean(axis=(1, 2, 3)).reshape(clips, -1, outputs.shape[-1])
    return np.array([[f.probability(x) for f, x in zip(reader.release.findings, clip, strict=True)] for clip in logits.mean(axis=1)])
