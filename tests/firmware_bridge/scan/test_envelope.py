import numpy as np
import pytest

from firmware_bridge.frame import Geometry, Shape
from firmware_bridge.scan.compress import to_grey
from firmware_bridge.scan.convert import ScanConverter
from firmware_bridge.scan.envelope import of_iq, of_iq_lines, of_rf, with_tgc

SAMPLES = 512


def pulse(samples=SAMPLES):
    """(envelope, carrier): a Gaussian echo at the middle, eight samples a cycle."""
    at = np.arange(samples)
    return 1000 * np.exp(-(((at - samples / 2) / 30) ** 2)), np.cos(2 * np.pi * at / 8)


@pytest.mark.parametrize("samples", [SAMPLES, SAMPLES + 1])
def test_the_envelope_of_a_pulse_is_found_and_the_offset_is_not(samples):
    envelope, carrier = pulse(samples)
    found = of_rf((envelope * carrier + 300)[np.newaxis].astype(np.float32))
    assert np.abs(found[0] - envelope).max() < 5


def test_iq_gives_its_magnitude_however_it_lies():
    i, q = np.array([[3, 0, -5]], np.int16), np.array([[4, 7, 12]], np.int16)
    assert of_iq(np.stack([i, q], axis=2).reshape(1, 6)).tolist() == [[5, 7, 13]]
    assert of_iq_lines(np.concatenate([i, q])).tolist() == [[5, 7, 13]]


def test_iq_at_the_edge_of_its_range_does_not_wrap():
    assert of_iq(np.array([[-32768, -32768]], np.int16))[0, 0] == pytest.approx(46341, abs=1)


def test_gain_by_depth_is_interpolated_in_decibels():
    assert with_tgc(np.ones((1, 5), np.float32), np.array([0.0, 20.0, 40.0])).tolist()[0] == pytest.approx([1, 10**0.5, 10, 10**1.5, 100])


@pytest.mark.parametrize("curve", [[], [float("nan")], [[1.0]]])
def test_a_gain_curve_that_says_nothing_is_refused(curve):
    with pytest.raises(ValueError, match="decibels"):
        with_tgc(np.ones((1, 5), np.float32), np.array(curve))


def test_a_real_linear_probe_looks_as_plus_shows_it(data_folder):
    """I and Q line by line, from far to near; 38 mm wide and 55 mm deep, at 0.2 mm a pixel from pixel (24, 12) on."""
    folder = data_folder / "plus_scanconv"
    lines = read(folder / "UltrasonixLinearRfData.igs.mha", np.dtype("<i2"), (256, 2080))
    golden = read(folder / "UltrasonixLinearScanConvertedData.igs.mha", np.uint8, (400, 260))
    strength = of_iq_lines(lines)[:, ::-1]
    image = ScanConverter(Geometry(Shape.LINEAR), *strength.shape, 276, 191).convert(to_grey(strength, 93.0, 46341.0))
    shown = np.zeros_like(golden)
    shown[12 : 12 + 276, 24 : 24 + 191] = image
    assert np.corrcoef(shown.ravel(), golden.ravel())[0, 1] >= 0.92
    inside = np.s_[22:272, 29:209]
    assert np.corrcoef(shown[inside].ravel(), golden[inside].ravel())[0, 1] >= 0.94


def read(path, kind, shape):
    body = path.read_bytes().partition(b"ElementDataFile = LOCAL\n")[2]
    return np.frombuffer(body, kind, count=shape[0] * shape[1]).reshape(shape)
