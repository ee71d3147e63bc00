import dataclasses

import numpy as np
import pytest

from edge.inference.errors import OutputNotFinite
from edge.inference.reader import Reader
from edge.inference.release import FindingLabel, ModelUnusable
from firmware_bridge.frame import Frame


@pytest.fixture(scope="module")
def reader(release):
    return Reader.load(release)


def noise(seed, simulated=False):
    return Frame(np.random.default_rng(seed).integers(0, 256, (350, 350), dtype=np.uint8), seed, 0, 0, simulated=simulated)


def test_a_reading_belongs_to_its_frame(reader):
    for seed, simulated in [(3, False), (4, True)]:
        reading = reader.read(noise(seed, simulated))
        assert (reading.sequence, reading.simulated, reading.model) == (seed, simulated, reader.release.version)


def test_the_map_is_the_reason_for_the_score(reader, real_clips):
    reading = reader.read(real_clips[0][0])
    assert reading.class_map.shape[2] == len(reading.scores) == 3
    for plane, (score, label) in enumerate(zip(reading.scores, reader.release.findings, strict=True)):
        assert score.finding == label.key
        assert score.logit == pytest.approx(reading.class_map[:, :, plane].mean(), abs=1e-5)
        assert score.probability == pytest.approx(label.probability(score.logit))


def test_standardising_ahead_changes_nothing(reader):
    frame = noise(1)
    ahead, at_once = reader.infer(reader.standardiser().take(frame)), reader.read(frame)
    assert ahead.scores == at_once.scores
    assert np.array_equal(ahead.class_map, at_once.class_map)


def test_stage_times_are_measured(reader):
    times = reader.read(noise(2)).times
    assert min(times.prepare_ns, times.invoke_ns, times.interpret_ns) > 0


@pytest.mark.parametrize("output", ["_map", "_features"])
def test_a_frame_has_no_reading_where_an_output_of_the_network_is_not_finite(reader, output):
    broken = Reader(reader.release, reader.interpreter)
    setattr(broken, output, dataclasses.replace(getattr(broken, output), scale=np.nan))
    with pytest.raises(OutputNotFinite, match="not a finite number"):
        broken.read(noise(5))


def test_different_lungs_read_differently(reader, real_clips):
    chances = [reader.read(clip[0]).scores[0].probability for clip in real_clips]
    assert max(chances) - min(chances) > 0.3


@pytest.mark.parametrize(
    "change",
    [{"input_side": 192}, {"findings": (FindingLabel("one", "One", 1, 0, 0.5, 0.5),)}],
)
def test_a_model_that_does_not_fit_its_release_is_refused(reader, change):
    wrong = dataclasses.replace(reader.release, **change)
    with pytest.raises(ModelUnusable, match="whole release folder"):
        Reader(wrong, reader.interpreter)
