"""Frames whose pixels tell which frame they are."""

import numpy as np

from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry, Shape
from firmware_bridge.machine import Machine

FAN = Geometry(Shape.CURVILINEAR, (0.5, 0.5), (31.5, -20.25), (15.0, 40.0), (-30.0, 30.0))
"""The skin is where y = -20.25 + 15 / 0.5 = 9.75."""
DEEP = Geometry(Shape.CURVILINEAR, (0.8, 0.8), (31.5, -10.0), (15.0, 60.0), (-30.0, 30.0))
SETTINGS = AcquisitionSettings(90.0, 50.0, 3.5, 45.0, 0.7, 0.3, "lung")
SCANNER = Machine("Butterfly", "iQ3")


def grey(number, rows=48, columns=64):
    """Pixels that no other number has."""
    return np.random.default_rng(number).integers(0, 255, (rows, columns), np.uint8)


def frame(number, at_us=None, pixels=None, geometry=FAN, settings=SETTINGS, **more):
    pixels = grey(number) if pixels is None else pixels
    return Frame(pixels, number, number * 40_000 if at_us is None else at_us, 0, geometry, settings, machine=SCANNER, **more)
