"""Reads a file that a test makes."""

import sys
from pathlib import Path

import pytest

from firmware_bridge.sources.file import open_file

sys.path.insert(0, str(Path(__file__).parent))  # the tests of this folder share a module


@pytest.fixture
def read(tmp_path):
    def frames_of(name, data):
        (tmp_path / name).write_bytes(data)
        with open_file(tmp_path / name) as source:
            return list(source.frames()), {loss.cause: loss.frames for loss in source.losses}

    return frames_of
