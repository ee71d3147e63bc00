"""Synthetic predictions with known properties: logits from two normal distributions, different patients, foreign pictures far away."""

import numpy as np
import pytest

FINDINGS = ("b_lines", "a_lines", "severity_2_plus")
SEPARATIONS = (1.8, 1.4, 1.0)
"""Between the means of the two classes, in standard deviations: AUC = Phi(separation / sqrt 2), about 0.90, 0.84 and 0.76."""
ZONES = ("L1", "L2", "L3", "R1", "R2", "R3")


@pytest.fixture(scope="session")
def predictions_of():
    """Returns a function that makes the predictions of one release."""
    from models.lung.predictions import Predictions, Strangers

    def make(release="lung-m", *, patients=50, external=20, seed=0, noise=0.02):
        rng = np.random.default_rng(seed)
        of = np.repeat(np.arange(patients + external), 6)
        labels = (rng.random((len(of), 3)) < (0.65, 0.6, 0.4)).astype(np.float32)
        logits = rng.normal(size=labels.shape) + np.array(SEPARATIONS) * (labels - 0.5)
        folds = np.where(of < patients, of % 4, -1)
        labels[rng.random(labels.shape) < np.where(folds < 0, 0.2, 0)[:, np.newaxis]] = np.nan
        dataset = np.where(of < patients, "covid_blues", "pocus_lung")
        zone = np.where(of < patients, np.tile(ZONES, patients + external), "")
        plain_noise = np.random.default_rng(seed + 1).normal(size=labels.shape)
        sources = np.where(dataset == "pocus_lung", np.where(of % 2, "north", "south"), "")
        kinds = np.repeat(["photograph", "noise", "other ultrasound"], (20, 10, 15))
        strangers = Strangers(
            files=np.array([f"stranger{number}" for number in range(len(kinds))]),
            kinds=kinds,
            novelty=np.where(kinds == "other ultrasound", rng.normal(1.6, 0.2, len(kinds)), rng.normal(4, 0.3, len(kinds))).astype(
                np.float32
            ),
            quality_refused=kinds == "noise",
        )
        return Predictions(
            release=release,
            findings=FINDINGS,
            files=np.array([f"{name}/clip{number}.png" for number, name in enumerate(dataset)]),
            patients=np.array([f"blues_p{number}" for number in of]),
            folds=folds.astype(np.int64),
            dataset=dataset,
            zone=zone,
            labels=labels,
            float_logits=logits.astype(np.float32),
            int8_logits=(logits + noise * rng.normal(size=labels.shape)).astype(np.float32),
            plain_logits=np.where((folds >= 0)[:, np.newaxis], logits / 2 + plain_noise, np.nan).astype(np.float32),
            novelty=rng.normal(1, 0.1, len(of)).astype(np.float32),
            calibrates=folds >= 0,
            healthy=(dataset == "pocus_lung") & (labels[:, 0] == 0),
            sources=sources,
            strangers=strangers,
        )

    return make


@pytest.fixture(scope="session")
def predictions(predictions_of):
    return predictions_of()


@pytest.fixture(scope="session")
def made_up_data(tmp_path_factory, predictions):
    """A data folder for these predictions: one picture per clip, independent of its labels; manifests and clinical variables."""
    from PIL import Image

    rng = np.random.default_rng(0)
    data = tmp_path_factory.mktemp("data")
    for name in ("covid_blues", "pocus_lung"):
        (data / name).mkdir(parents=True)
    for file in predictions.files:
        Image.fromarray(rng.integers(0, 256, (20, 20), dtype=np.uint8)).save(data / str(file))
    numbers = sorted({int(patient.rpartition("p")[2]) for patient in predictions.patients[predictions.folds >= 0]})
    rows = [f"{number},{number % 2}.0,{30 + number}.0,{-99 if number == 3 else 20 + number % 15}" for number in numbers]
    (data / "covid_blues" / "clinical_variables.csv").write_text("\n".join(["patient_id,pat_sex,pat_age,pat_bmi", *rows]) + "\n")
    pcr = [f"blues_p{number},{int(number % 3 == 0)}" for number in numbers]
    (data / "covid_blues" / "manifest.csv").write_text("\n".join(["patient_or_video_id,pcr_covid", *pcr]) + "\n")
    return data
