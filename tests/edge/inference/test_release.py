import json
import shutil

import pytest

from edge.inference.release import DEFAULT_RELEASE, FindingLabel, ModelRelease, ModelUnusable


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(DEFAULT_RELEASE, tmp_path / "release")


def test_the_release_in_the_house_is_whole(release):
    release.verify()
    assert [f.key for f in release.findings] == ["b_lines", "a_lines", "severity_2_plus"]
    assert "Research use, not a diagnosis" in release.card
    assert "CC BY-NC-ND" in release.card


def test_probability_is_a_calibrated_logistic():
    label = FindingLabel("x", "X", slope=2.0, offset=-1.0)
    assert label.probability(0.5) == pytest.approx(0.5)
    assert label.probability(1e9) == pytest.approx(1)
    assert label.probability(-1e9) == pytest.approx(0)


def test_a_changed_model_is_refused_before_it_is_parsed(folder):
    model = folder / "lung.tflite"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    with pytest.raises(ModelUnusable, match="not the file that was released"):
        ModelRelease.load(folder).verify()


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"name": "x", "findings": 3})])
def test_a_folder_that_is_no_release_says_so(folder, text):
    (folder / "release.json").write_text(text)
    with pytest.raises(ModelUnusable, match="not a model release"):
        ModelRelease.load(folder)


def test_an_absent_folder_says_what_to_do(tmp_path):
    with pytest.raises(ModelUnusable, match="--model"):
        ModelRelease.load(tmp_path / "nowhere")
