import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.sources.upright import EXIF_TURNS, PixelShape, Turn, turn_of_matrix, turned

PICTURE = np.arange(6, dtype=np.uint8).reshape(2, 3)
ONE = 1 << 16


def matrix(a: int, b: int, c: int, d: int) -> list[int]:
    return [a, b, 0, c, d, 0, 0, 0, 1 << 30]


@pytest.mark.parametrize(
    ("parts", "right"),
    [
        ((ONE, 0, 0, ONE), PICTURE),
        ((0, ONE, -ONE, 0), np.rot90(PICTURE, -1)),
        ((-ONE, 0, 0, -ONE), np.rot90(PICTURE, 2)),
        ((0, -ONE, ONE, 0), np.rot90(PICTURE)),
        ((-ONE, 0, 0, ONE), np.fliplr(PICTURE)),
        ((ONE, 0, 0, -ONE), np.flipud(PICTURE)),
        ((0, ONE, ONE, 0), PICTURE.T),
        ((0, -ONE, -ONE, 0), np.rot90(PICTURE.T, 2)),
        ((0, 0, 0, 0), PICTURE),
        ((ONE, 900, -900, ONE), PICTURE),
    ],
)
def test_a_display_matrix_turns_and_mirrors_as_it_moves_points(parts: tuple[int, int, int, int], right: np.ndarray) -> None:
    np.testing.assert_array_equal(turned(PICTURE, turn_of_matrix(matrix(*parts))), right)


@given(st.sampled_from([(), *EXIF_TURNS.values()]), st.integers(1, 5), st.integers(1, 5))
def test_each_turn_only_moves_pixels_and_is_undone_by_another(turn: Turn, rows: int, columns: int) -> None:
    picture = np.arange(rows * columns, dtype=np.uint8).reshape(rows, columns)
    there = turned(picture, turn)
    assert sorted(there.ravel()) == sorted(picture.ravel())
    assert any(np.array_equal(turned(there, back), picture) for back in ((), *EXIF_TURNS.values()))


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=9, max_size=9))
def test_any_matrix_is_one_of_the_eight_turns(numbers: list[int]) -> None:
    assert turn_of_matrix(numbers) in ((), *EXIF_TURNS.values())


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (4, 3, (12, 16)),
        (3, 4, (16, 12)),
        (64, 45, (12, 17)),
        (1, 1, (12, 12)),
        (1.005, 1, (12, 12)),
        (5, 1, (12, 12)),
        (0, 1, (12, 12)),
        (1, 0, (12, 12)),
        (-4, -3, (12, 12)),
        (math.nan, 1, (12, 12)),
        (math.inf, 1, (12, 12)),
    ],
)
def test_long_pixels_enlarge_the_picture_and_impossible_ones_do_not(width: float, height: float, shape: tuple[int, int]) -> None:
    assert PixelShape(width, height).squared(np.zeros((12, 12), np.uint8)).shape == shape


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True))
def test_the_stretch_of_any_shape_enlarges_one_axis_within_the_limit(width: float, height: float) -> None:
    across, down = PixelShape(width, height).stretch
    assert min(across, down) == 1
    assert max(across, down) <= 4
