import numpy as np

from models.lung.subsets import judge_of, subsets


def test_no_clip_is_read_by_a_network_trained_on_its_fold():
    folds = np.array([0, 1, 1, 2, 0])
    learnt = subsets(folds)
    assert set(learnt) == {"fold0", "fold1", "fold2", "all"}
    for clip, fold in enumerate(folds):
        assert clip not in learnt[judge_of(int(fold))]
    assert learnt["all"].tolist() == [0, 1, 2, 3, 4]


def test_an_external_clip_is_read_by_the_network_trained_on_all():
    assert judge_of(-1) == "all"
