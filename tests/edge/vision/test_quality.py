import numpy as np
import pytest

from edge.vision.quality import assess
from firmware_bridge.frame import Frame


def frame(pixels):
    return Frame(np.asarray(pixels, np.uint8), 5, 0, 0)


def speckle(mean):
    return np.clip(np.random.default_rng(1).rayleigh(mean, (200, 300)), 0, 255)


def test_an_ordinary_image_is_good():
    quality = assess(frame(speckle(30)))
    assert quality.good
    assert quality.sequence == 5


@pytest.mark.parametrize(
    ("pixels", "code"),
    [
        (np.zeros((200, 300)), "TOO_DARK"),
        (np.full((200, 300), 255), "TOO_BRIGHT"),
        (speckle(200), "TOO_BRIGHT"),
        (np.full((200, 300), 60), "NO_STRUCTURE"),
    ],
)
def test_each_fault_is_named_with_its_measure_limit_and_advice(pixels, code):
    reasons = {r.code: r for r in assess(frame(pixels)).reasons}
    assert code in reasons
    reason = reasons[code]
    assert reason.measured != reason.limit
    assert reason.advice


def test_one_bad_pixel_changes_nothing():
    pixels = speckle(30)
    pixels[0, 0] = 255
    assert assess(frame(pixels)).good


def test_a_real_lung_is_good_and_a_blank_frame_of_it_is_not(data_folder):
    from firmware_bridge.sources.file import open_file

    with open_file(data_folder / "covid_blues/lus_videos/patient_1_R2.mp4") as source:
        real = next(iter(source.frames()))
    assert assess(real).good
    assert not assess(frame(np.zeros_like(real.pixels))).good
