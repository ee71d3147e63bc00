"""From the records of an exam to what the drift watch sees of it: clip by clip, then channel by channel."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from edge.feedback.drift.signals import Signals
from edge.inference.features import unpacked
from edge.inference.statistics import Numbers
from edge.records.exams.assessment import Assessment

OUTPUT = "finding:"
"""Begins the channels of the release's probabilities."""
NAME = "machine:"
"""Begins the channels of names: 1 in a clip of this machine, 0 in a clip of another."""


@dataclass(frozen=True, slots=True)
class ClipSignals:
    """What one clip tells: `values` by channel, and the mean `features` (features,) of the network, None where they are not recorded.

    The channels are `quality` (0 to 100), `good` (the share of good frames), `novelty`, the figures of `edge.vision.measure.Measured` and
    the settings that its machine states, such as `depth_mm` and `gain_db`, each probability, and the name of the machine.
    """

    values: Mapping[str, float]
    features: Numbers | None = None


def clip_signals(images: Assessment | None, probabilities: Mapping[str, float]) -> ClipSignals:
    """Of a recorded clip: its assessment, None where a program of revision 0001 recorded it, and the probability of each finding by key."""
    values = {f"{OUTPUT}{key}": value for key, value in probabilities.items()}
    if images is None or not images.frames:
        return ClipSignals(values)
    values |= {"quality": images.quality, "good": images.good_frames / images.frames, **images.measures}
    if images.novelty is not None:
        values["novelty"] = images.novelty
    if images.machine:
        values[f"{NAME}{images.machine}"] = 1.0
    return ClipSignals(values, unpacked(images.features))


def signals_of(clips: Iterable[ClipSignals], names: Collection[str] = ()) -> Signals:
    """The signals of an exam with these clips; values that are not finite are left out, as if they were not measured.

    `names` are the channels of names in other exams, see `names_of`: a machine that no clip is of is 0 in each.
    """
    seen = tuple(clips)
    channels = {channel for clip in seen for channel in clip.values}
    named = {channel for channel in channels if channel.startswith(NAME)}
    values = {channel: _measured(clip.values.get(channel) for clip in seen) for channel in channels - named}
    if named:
        values |= {channel: np.array([clip.values.get(channel, 0.0) for clip in seen]) for channel in named | set(names)}
    return Signals(values, _features([clip.features for clip in seen if clip.features is not None]))


def names_of(clips: Iterable[ClipSignals]) -> frozenset[str]:
    """The channels of names among the clips of several exams."""
    return frozenset(channel for clip in clips for channel in clip.values if channel.startswith(NAME))


def outputs_of(exams: Iterable[Signals]) -> frozenset[str]:
    """The channels of exams that are probabilities, for `Reference.of`."""
    return frozenset(channel for exam in exams for channel in exam.values if channel.startswith(OUTPUT))


def _measured(values: Iterable[float | None]) -> Numbers:
    return np.array([value for value in values if value is not None and isfinite(value)], np.float64)


def _features(each: Sequence[Numbers]) -> Numbers | None:
    """(clips, features) of the clips with finite features, as many as the first has; None without one."""
    finite = [features for features in each if np.isfinite(features).all()]
    return np.stack([features for features in finite if features.shape == finite[0].shape]) if finite else None
