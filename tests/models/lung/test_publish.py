import shutil

import pytest

from edge.inference.reader import Reader
from edge.inference.release import DEFAULT_RELEASE, ModelRelease
from models.lung.card import card
from models.lung.dataset import FINDINGS
from models.lung.publish import write_release
from models.lung.recipe import Recipe
from models.lung.result import FindingResult


@pytest.fixture
def results():
    return [
        FindingResult(f, 0.6, 0.81, 0.8, 0.7, 0.9, (0.7, 0.9), 0.75, 0.65, 0.2, 0.011, slope, -0.5)
        for f, slope in zip(FINDINGS, (1.5, 2.5, 3.5), strict=True)
    ]


def test_what_is_published_is_what_the_appliance_reads(tmp_path, results):
    model = shutil.copyfile(DEFAULT_RELEASE / "lung.tflite", tmp_path / "made.tflite")
    text = card(name="lung", version="9.9.9", side=224, clips=285, patients=50, recipe=Recipe(), results=results)
    write_release(folder=tmp_path / "release", model=model, name="lung", version="9.9.9", results=results, card=text)
    release = ModelRelease.load(tmp_path / "release")
    Reader.load(release).warm_up()
    assert release.version == "9.9.9"
    assert [(f.key, f.slope, f.offset) for f in release.findings] == [(f, s, -0.5) for f, s in zip(FINDINGS, (1.5, 2.5, 3.5), strict=True)]
    assert release.card == text


def test_the_card_states_licence_figures_and_limits(results):
    text = card(name="lung", version="1", side=224, clips=285, patients=50, recipe=Recipe(), results=results)
    for must in ("not a diagnosis", "CC BY-NC-ND 4.0", "0.80 (0.70-0.90)", "0.011", "Where it must not be trusted"):
        assert must in text
    assert "{" not in text
