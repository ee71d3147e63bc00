import numpy as np

from models.lung.manifest import load_clips
from models.lung.pictures import load_pictures, spread


def test_spread_includes_the_first_and_the_last_frame():
    taken = spread(8, 90)
    assert (taken[0], taken[-1], len(set(taken.tolist()))) == (0, 89, 8)
    assert spread(5, 2).tolist() == [0, 0, 0, 1, 1]


def test_frames_are_made_once_and_cached(chest_ward, small_recipe, tmp_path):
    paths = [clip.path for clip in load_clips(chest_ward, small_recipe)]
    made = load_pictures(paths, 3, 64, tmp_path / "cache")
    assert (made.grey.shape, made.grey.dtype, made.good.shape) == ((8, 3, 64, 64), np.uint8, (8, 3))
    assert made.good.all()
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()}
    again = load_pictures(paths, 3, 64, tmp_path / "cache")
    assert np.array_equal(again.grey, made.grey)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()} == files
    other = load_pictures(paths[:1], 2, 64, tmp_path / "cache")
    assert np.array_equal(other.grey[0], made.grey[0, [0, 2]])
