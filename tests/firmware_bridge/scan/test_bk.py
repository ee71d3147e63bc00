"""From a real curved array's IQ to an image, compared with the image from PLUS.

PLUS's configuration of this probe is not published with its data: the geometry was fitted to the outline of PLUS's own image (0.9989 of
its pixels agree), in pixels for want of a scale. Measured: a correlation of 0.977 and 7.6 grey levels.
"""

import numpy as np
import pytest

from firmware_bridge.frame import Geometry, Shape
from firmware_bridge.scan.compress import to_grey
from firmware_bridge.scan.convert import ScanConverter
from firmware_bridge.scan.envelope import of_iq

OUTLINE = Geometry(Shape.CURVILINEAR, (1.0, 1.0), (299.5, -14.0), (67.0, 400.0), (-70.0, 70.0))
STRONGEST, DYNAMIC_RANGE_DB = 46341.0, 63.0
LINES, SAMPLES, ROWS, COLUMNS = 358, 1740, 400, 600


def test_iq_of_a_curved_array_looks_as_plus_shows_it(data_folder):
    folder = data_folder / "plus_scanconv"
    iq = np.fromfile(folder / "BkCurvilinearRfData.raw", "<i2").reshape(LINES, 2 * SAMPLES)
    body = (folder / "BkCurvilinearScanConvertedData.igs.mha").read_bytes().partition(b"ElementDataFile = LOCAL\n")[2]
    golden = np.frombuffer(body, np.uint8, count=ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    image = ScanConverter(OUTLINE, LINES, SAMPLES, ROWS, COLUMNS).convert(to_grey(of_iq(iq), DYNAMIC_RANGE_DB, STRONGEST))
    assert ((image > 0) == (golden > 0)).mean() > 0.99
    assert np.corrcoef(image.ravel(), golden.ravel())[0, 1] >= 0.975
    assert np.abs(image.astype(int) - golden).mean() <= 8


def test_more_samples_than_an_index_can_count_are_refused():
    with pytest.raises(ValueError, match="do not make an image"):
        ScanConverter(Geometry(Shape.LINEAR), 65536, 65536, 10, 10)
