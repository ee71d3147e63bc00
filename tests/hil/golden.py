"""What the release of the device must read in each image of the probe: the same release reads it here, without a link between."""

from functools import cache
from pathlib import Path

import pytest

from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from firmware_bridge.frame import Frame

NOWHERE = Path("/nonexistent")
"""Of releases that a site installed: the rig has those that come with the program."""
ROUNDED = 1e-4
"""The API states four digits of a probability."""


class Golden:
    """The expected readings, computed once for each image and release."""

    def __init__(self):
        self._shelf, self._readers = Shelf(NOWHERE), {}
        self._known = {}

    def probabilities(self, shown, release):
        """Of each finding, by its key."""
        known = self._known.setdefault((id(shown), release), (shown, cache(lambda: self._read(shown, release))))
        return known[1]()

    def _read(self, shown, release):
        if release not in self._readers:
            self._readers[release] = Reader.load(ModelRelease.load(self._shelf.find(release)))
        frame = Frame(shown.pixels, 0, 0, 0, shown.geometry, shown.settings, shown.simulated)
        return {score.finding: score.probability for score in self._readers[release].read(frame).scores}

    def require(self, readings, probe):
        """Every reading is that of an image that the probe sent, and equals the expected one; returns how many were compared."""
        for reading in readings:
            shown = probe.shown[reading["captured_us"]]
            expected = self.probabilities(shown, reading["release"])
            read = {finding["key"]: finding["probability"] for finding in reading["findings"]}
            assert read == pytest.approx(expected, abs=ROUNDED), (
                f"frame {reading['sequence']} of {reading['captured_us']} us was read otherwise"
            )
        return len(readings)
