from importlib.util import find_spec

import pytest

from edge.inference.admission import admit
from edge.inference.errors import ModelUnusable
from edge.inference.release import BUILT_IN

verifying = pytest.mark.skipif(find_spec("ai_edge_litert") is None, reason="tflite-runtime does not verify a model's structure; digests do")


@pytest.mark.parametrize("name", sorted(path.name for path in BUILT_IN.iterdir() if path.is_dir()))
def test_the_releases_in_the_house_are_admitted(name):
    assert admit(BUILT_IN / name, 1).release.name == name


def test_a_release_for_another_task_is_refused(candidate, tmp_path):
    with pytest.raises(ModelUnusable, match="is for the task 'thyroid', not 'lung'"):
        admit(candidate(tmp_path / "new", task="thyroid"), 1)


@verifying
def test_a_model_that_computes_other_numbers_is_refused_though_every_digest_fits(candidate, seal, tmp_path):
    folder = candidate(tmp_path / "new")
    model = next(folder.glob("*.tflite"))
    content = bytearray(model.read_bytes())
    weights = content[len(content) // 2 :]
    weights[: len(weights) // 2] = bytes(byte ^ 1 for byte in weights[: len(weights) // 2])
    model.write_bytes(content[: len(content) // 2] + weights)
    with pytest.raises(ModelUnusable, match=r"golden vector|refuses"):
        admit(seal(folder), 1)


@verifying
@pytest.mark.parametrize("keep", [0, 4, 100, 5000])
def test_a_truncated_model_is_refused_though_every_digest_fits(candidate, seal, tmp_path, keep):
    folder = candidate(tmp_path / "new")
    model = next(folder.glob("*.tflite"))
    model.write_bytes(model.read_bytes()[:keep])
    with pytest.raises(ModelUnusable, match=r"\.tflite"):
        admit(seal(folder), 1)


def test_a_model_of_another_input_side_than_its_release_says_is_refused(candidate, tmp_path):
    with pytest.raises(ModelUnusable, match="its release states"):
        admit(candidate(tmp_path / "new", input_side=64), 1)
