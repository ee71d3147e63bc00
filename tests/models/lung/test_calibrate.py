import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from models.lung.calibrate import METHODS, CannotCalibrate, at_prevalence, fit, fit_beta, fit_temperature, logistic


def clips(slope, offset, count=20_000, seed=0):
    """Logits whose true probability is logistic(slope x logit + offset)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=1.5, size=count).astype(np.float32)
    return logits, (rng.random(count) < logistic(slope * logits + offset)).astype(np.float32)


def test_platt_finds_the_slope_and_offset_of_the_labels():
    fitted = fit(*clips(0.7, -0.9))
    assert fitted.slope == pytest.approx(0.7, abs=0.05)
    assert fitted.offset == pytest.approx(-0.9, abs=0.05)


def test_temperature_has_no_offset():
    fitted = fit_temperature(*clips(0.4, 0))
    assert fitted.slope == pytest.approx(0.4, abs=0.05)
    assert fitted.offset == 0


def test_beta_fits_a_curve_that_platt_cannot():
    rng = np.random.default_rng(1)
    logits = rng.normal(scale=2, size=20_000).astype(np.float32)
    true = logistic(0.2 * -np.logaddexp(0, -logits) + 2 * np.logaddexp(0, logits))
    labels = (rng.random(20_000) < true).astype(np.float32)
    assert np.abs(fit_beta(logits, labels)(logits) - true).mean() < 0.01 < np.abs(fit(logits, labels).probability(logits) - true).mean()


def test_beta_never_decreases_with_the_logit():
    rng = np.random.default_rng(2)
    logits = rng.normal(size=60).astype(np.float32)
    for seed in range(30):
        labels = np.random.default_rng(seed).integers(0, 2, 60).astype(np.float32)
        a_clip_each = fit_beta(logits, labels)(np.linspace(-4, 4, 50))
        assert (np.diff(a_clip_each) >= -1e-12).all() or (np.diff(a_clip_each) <= 1e-12).all()


def test_clips_without_a_label_are_skipped():
    logits, labels = clips(1.3, 0.2, count=500)
    more = np.append(labels, [np.nan, np.nan]).astype(np.float32)
    assert fit(np.append(logits, [50, -50]).astype(np.float32), more) == fit(logits, labels)


@pytest.mark.parametrize("name", [name for name in METHODS if name != "none"])
@pytest.mark.parametrize("labels", [np.zeros(9), np.ones(9), np.full(9, np.nan)])
def test_equal_labels_are_refused(name, labels):
    with pytest.raises(CannotCalibrate, match="Label clips"):
        METHODS[name](np.linspace(-1, 1, 9), labels)


def test_classes_that_one_threshold_separates_still_give_numbers():
    fitted = fit(np.array([-2.0, -1.5, 1.5, 2.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert np.isfinite([fitted.slope, fitted.offset]).all()
    assert fitted.probability(np.array([1e6, -1e6])).tolist() == pytest.approx([1, 0])


def test_a_probability_moves_with_the_prevalence_and_bayes_gives_the_same():
    rng = np.random.default_rng(3)
    shares, logits, labels = (0.65, 0.2), [], []
    for share in shares:
        labels.append((rng.random(20_000) < share).astype(float))
        logits.append(rng.normal(2 * labels[-1] - 1))
    fitted = fit(logits[0], labels[0])
    moved = at_prevalence(fitted.probability(logits[1]), *shares)
    assert moved.mean() == pytest.approx(0.2, abs=0.01), "calibrated in the large"
    assert fitted.probability(logits[1]).mean() > 0.25
    assert at_prevalence(moved, 0.2, 0.65) == pytest.approx(fitted.probability(logits[1]))
    assert np.isfinite(at_prevalence(np.array([0.0, 1.0]), *shares)).all()
