import numpy as np

from models.lung.dataset import FINDINGS, labels_of, load_clips, spread


def test_no_patient_stands_in_two_folds(data_folder):
    clips = load_clips(data_folder / "covid_blues")
    assert len(clips) == 285
    folds = {}
    for clip in clips:
        assert folds.setdefault(clip.patient, clip.fold) == clip.fold
    assert len(folds) == 50
    assert {clip.fold for clip in clips} == {0, 1, 2, 3}


def test_labels_follow_the_order_of_the_findings(data_folder):
    clips = {c.path.stem: c for c in load_clips(data_folder / "covid_blues")}
    assert FINDINGS == ("b_lines", "a_lines", "severity_2_plus")
    assert clips["patient_10_L1"].labels == (0, 1, 0)
    labels = labels_of(list(clips.values()))
    assert labels.shape == (285, 3)
    assert set(np.unique(labels)) == {0, 1}


def test_spread_takes_the_first_and_the_last_frame():
    frames = [np.full((2, 2), i, np.uint8) for i in range(90)]
    taken = [int(f[0, 0]) for f in spread(frames, 8)]
    assert taken[0] == 0
    assert taken[-1] == 89
    assert len(set(taken)) == 8
