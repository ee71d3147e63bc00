import numpy as np
import pytest

from models.lung.organs import Organs

SIDE, COUNT = 64, 30


@pytest.fixture(scope="module")
def pictures():
    return Organs(SIDE).pictures(COUNT)


def test_the_pictures_are_the_same_in_every_run_and_differ_by_seed(pictures):
    assert pictures.shape == (COUNT, SIDE, SIDE)
    assert np.array_equal(pictures, Organs(SIDE).pictures(COUNT))
    assert not np.array_equal(pictures, Organs(SIDE, seed=2).pictures(COUNT))


def test_every_picture_shows_echoes_of_many_greys_and_no_two_are_alike(pictures):
    assert min(len(np.unique(picture)) for picture in pictures) > 20
    assert len({picture.tobytes() for picture in pictures}) == COUNT


def test_there_are_fans_and_whole_pictures(pictures):
    corners = (pictures[:, :4, :4] > 0).any(axis=(1, 2))
    assert 0 < corners.sum() < COUNT
