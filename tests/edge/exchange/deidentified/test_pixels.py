"""Pixels outside the ultrasound become black; what cannot be cleaned is refused."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, RLELossless

from edge.exchange.deidentified.coded import known_codes
from edge.exchange.deidentified.dataset import deidentified, patient_of
from edge.exchange.deidentified.pixels import NotCleanable, PixelCleaner, write_clean
from edge.exchange.deidentified.pseudonyms import Pseudonyms
from edge.exchange.deidentified.values import Allowed
from edge.vision.region import region_of
from tests.edge.exchange.deidentified.objects import CHEST, SIZE, image, pictures

MASK = region_of(CHEST.geometry, SIZE, SIZE).mask
OUTSIDE = ~MASK


def written(path, into, mask=MASK):
    dataset = dcmread(path, stop_before_pixels=True)
    allowed = Allowed(Pseudonyms(b"k" * 32, patient_of(dataset)), frozenset(), known_codes(()))
    write_clean(deidentified(dataset, allowed), into, PixelCleaner(path, mask), path)
    return list(iter_pixels(into))


@pytest.mark.parametrize(
    ("syntax", "becomes"),
    [(ExplicitVRLittleEndian, ExplicitVRLittleEndian), (JPEGLSLossless, JPEGLSLossless), (RLELossless, ExplicitVRLittleEndian)],
)
def test_each_frame_is_cleaned_and_the_ultrasound_in_it_unchanged(tmp_path, syntax, becomes):
    path = image(tmp_path / "clip.dcm", syntax)
    frames = written(path, tmp_path / "out.dcm")
    made = dcmread(tmp_path / "out.dcm")
    assert (made.file_meta.TransferSyntaxUID, made.BurnedInAnnotation, made.NumberOfFrames) == (becomes, "NO", 3)
    assert "SourceApplicationEntityTitle" not in made.file_meta
    for before, after in zip(pictures(), frames, strict=True):
        assert not after[OUTSIDE].any()
        assert np.array_equal(after[~OUTSIDE], before[~OUTSIDE])


def test_colour_is_cleaned_in_each_of_its_three_planes(tmp_path):
    colour = [np.repeat(frame[:, :, None], 3, axis=2) for frame in pictures()]
    frames = written(image(tmp_path / "clip.dcm", JPEGLSLossless, colour), tmp_path / "out.dcm")
    assert all(frame.shape == (SIZE, SIZE, 3) and not frame[OUTSIDE].any() and frame.any() for frame in frames)


def test_without_a_geometry_the_pixels_of_all_frames_tell_the_region(tmp_path):
    frames = written(image(tmp_path / "clip.dcm"), tmp_path / "out.dcm", None)
    assert all(frame.any() and not frame[:12, :20].any() for frame in frames)


def test_frames_in_which_nothing_tells_the_region_are_refused(tmp_path):
    path = image(tmp_path / "clip.dcm", frames=[np.full((SIZE, SIZE), 9, np.uint8)])
    with pytest.raises(NotCleanable, match="the ultrasound cannot be separated from what surrounds it"):
        PixelCleaner(path, None)


def test_pixels_in_which_0_is_not_black_are_refused(tmp_path):
    path = image(tmp_path / "clip.dcm")
    dataset = dcmread(path)
    dataset.PhotometricInterpretation = "MONOCHROME1"
    dataset.save_as(path)
    with pytest.raises(NotCleanable, match="its pixels are MONOCHROME1"):
        PixelCleaner(path, MASK)


def test_what_an_object_has_below_the_recorded_frames_becomes_black(tmp_path):
    taller = [np.pad(frame, ((0, 20), (0, 0)), constant_values=200) for frame in pictures()]
    frames = written(image(tmp_path / "map.dcm", frames=taller), tmp_path / "out.dcm")
    assert all(frame.any() and not frame[SIZE:].any() for frame in frames)


def test_an_object_that_is_smaller_than_the_recorded_frames_is_refused(tmp_path):
    with pytest.raises(NotCleanable, match="smaller than the recorded frames"):
        PixelCleaner(image(tmp_path / "clip.dcm"), np.ones((SIZE + 1, SIZE), np.bool_))
