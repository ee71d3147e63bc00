"""A simulated ward: exams of eight clips, of patients who differ, on a machine that may change."""

import numpy as np

from edge.feedback.drift.signals import Signals

CLIPS, FEATURES, ELEMENTS = 8, 24, 128
GREY_A_DB = 255 / 60
"""Of a picture with 60 dB in 8 bits."""
MIX = np.random.default_rng(7).normal(size=(4, FEATURES)) * 0.5
OTHER_MACHINE = np.random.default_rng(8).normal(size=FEATURES) * 0.7
OUTPUTS = ("b-lines",)
KINDS = {
    "3 dB more gain": {"gain_db": 3},
    "3 dB less gain": {"gain_db": -3},
    "4 dead elements": {"dead": 4},
    "a new machine": {"other": True},
    "a doubled prevalence": {"times": 2},
}
"""What changes in the ward, by its name."""


def exam(rng, *, prevalence=0.3, times=1, gain_db=0.0, dead=0, other=False):
    """The signals of one exam: clips are alike in a patient (`body` and `skin`), who has B-lines or not."""
    sick, (body, skin), clip = rng.random() < prevalence * times, rng.normal(size=2), rng.normal(size=(CLIPS, 4))
    logit = -2.2 + 3.2 * sick + 0.6 * body + 0.9 * clip[:, 0]
    brightness = 90 + 10 * body + 3 * skin + 6 * clip[:, 1] + GREY_A_DB * gain_db - 90 * dead / ELEMENTS + 12 * other
    latent = np.stack([np.full(CLIPS, body), np.full(CLIPS, skin), logit / 2, (brightness - 90) / 10], axis=1)
    values = {
        "b-lines": 1 / (1 + np.exp(-logit)),
        "brightness": brightness,
        "sharpness": 1 + 0.15 * skin + 0.1 * clip[:, 2] + 0.2 * other,
        "dark columns": np.abs(0.02 + 0.01 * clip[:, 3]) + 0.01 * abs(skin) + 0.9 * dead / ELEMENTS,
        "depth": rng.choice([8.0, 10.0, 10.0, 10.0, 12.0], size=CLIPS),
    }
    return Signals(values, latent @ MIX + rng.normal(size=(CLIPS, FEATURES)) + OTHER_MACHINE * other)


def exams(seed, count, **changed):
    rng = np.random.default_rng(seed)
    return [exam(rng, **changed) for _ in range(count)]
