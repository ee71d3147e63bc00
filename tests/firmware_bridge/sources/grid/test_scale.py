"""The scale of an image, and its place in the room, from what a header states of them."""

import numpy as np
import pytest
from grid_files import PLAIN, STACK, mha, nrrd, pixels


@pytest.mark.parametrize(
    ("fields", "scale"),
    [
        ({"space_directions": "(1,0) (0,1) none"}, None),
        ({"space_directions": "(0.6,0.8,0) (-0.8,0.6,0) none"}, None),
        ({"spacings": "1 1 1"}, None),
        ({"spacings": "nan nan 0.1"}, None),
        ({"spacings": "0.2 0.3 nan"}, (0.2, 0.3)),
        ({"spacings": "0.02 0.03 nan", "units": '"cm" "cm" "s"'}, (0.2, 0.3)),
        ({"spacings": "200 300 nan", "units": '"um" "um" "s"'}, (0.2, 0.3)),
        ({"spacings": "2 3 nan", "units": '"pixel" "pixel" ""'}, None),
        ({"space_directions": "(0,-0.2,0) (0.3,0,0) (nan,nan,nan)"}, (0.2, 0.3)),
        ({"space_directions": "(0.02,0,0) (0,0.03,0) none", "space_units": '"cm" "cm" "cm"'}, (0.2, 0.3)),
        ({"space_directions": "(1,0,0) (0,0.5,0) none"}, (1.0, 0.5)),
    ],
)
def test_a_scale_is_believed_where_it_is_stated_in_a_unit_of_length(read, fields, scale):
    found = read("x.nrrd", nrrd(PLAIN, **fields))[0][0].geometry.mm_per_px
    assert found is None if scale is None else found == pytest.approx(scale)


def test_directions_place_an_image_in_the_room_and_never_mirror_it(read):
    """3D Slicer states both axes as negative where nothing turns the image."""
    frames, _ = read("x.nrrd", nrrd(PLAIN, space="left-posterior-superior", space_directions="(-0.2,0,0) (0,-0.3,0) none"))
    assert np.array_equal(pixels(frames), STACK)
    assert frames[0].geometry.mm_per_px == (0.2, 0.3)


def test_axes_without_kinds_are_distinguished_by_their_directions(read):
    data = nrrd(np.repeat(STACK[0][..., None], 3, axis=2).tobytes(), sizes="3 9 6", space_directions="none (0.2,0) (0,0.3)")
    (frame,), _ = read("x.nrrd", data)
    assert np.array_equal(frame.pixels, STACK[0])
    assert frame.geometry.mm_per_px == (0.2, 0.3)


@pytest.mark.parametrize(("unit", "scale"), [("cm", (0.2, 0.3)), ("um", (0.00002, 0.00003)), ("?", (0.02, 0.03)), ("furlong", None)])
def test_a_metaimage_states_its_unit_of_length(read, unit, scale):
    found = read("x.mha", mha(PLAIN, ElementSpacing="0.02 0.03 1", DistanceUnits=unit))[0][0].geometry.mm_per_px
    assert found is None if scale is None else found == pytest.approx(scale)
