import pytest

from edge.exam.clip import NO_FRAMES
from edge.exam.taking.capture import Window
from edge.exam.taking.take import Take
from edge.inference.release import BUILT_IN, ModelRelease
from edge.vision.quality import Limits
from firmware_bridge.virtual_probe.chest import Chest

CHEST = Chest(2, size=128)


@pytest.fixture
def observe(scan):
    return lambda: scan.observation(scan.frame(CHEST), Limits())


@pytest.fixture
def take(observe):
    """Of the frames 1 to 10."""
    take = Take()
    for _ in range(10):
        take.add(observe())
    return take


def test_a_clip_is_made_of_its_window_alone(take):
    assert take.finding(Window(3, 5, 0.0)).frames == 3


def test_the_whole_is_from_the_first_frame_to_the_last(take):
    assert (take.whole.first, take.whole.last) == (1, 10)
    assert Take().whole is None


def test_a_window_that_was_forgotten_cannot_be_assessed(take):
    assert take.finding(Window(50, 60, 0.0)).code == NO_FRAMES


def test_frames_that_two_releases_have_read_are_never_joined(take, scan, observe):
    assert take.fits(observe())
    scan.release = ModelRelease.load(BUILT_IN / "lung-s")
    other = observe()
    assert not take.fits(other)
    with pytest.raises(ValueError, match="another release"):
        take.add(other)
    assert take.finding(take.whole).frames == 10


def test_where_nothing_was_taken_there_is_no_finding():
    with pytest.raises(ValueError, match="nothing"):
        Take().finding(Window(0, 1, 0.0))
