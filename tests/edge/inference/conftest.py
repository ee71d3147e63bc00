"""Reads real frames once; these tests run on ai-edge-litert and, in their own environment, on tflite-runtime."""

import numpy as np
import pytest

from edge.inference.release import ModelRelease
from firmware_bridge.sources.file import open_file

CLIPS = 20
FRAMES_PER_CLIP = 5


@pytest.fixture(scope="session")
def release():
    return ModelRelease.load()


@pytest.fixture(scope="session")
def real_clips(data_folder):
    """20 clips of 5 frames: 100 real frames."""
    paths = sorted((data_folder / "covid_blues/lus_videos").glob("*.mp4"))
    clips = []
    for path in paths[:: len(paths) // CLIPS][:CLIPS]:
        with open_file(path) as source:
            frames = list(source.frames())
        clips.append([frames[i] for i in np.linspace(0, len(frames) - 1, FRAMES_PER_CLIP).astype(int)])
    return clips
