import json

import pytest

from edge.inference.choice import choose
from edge.inference.elsewhere import ELSEWHERE, load_elsewhere
from edge.inference.errors import ModelUnusable
from edge.inference.release import BUILT_IN, ModelRelease

ALWAYS = 1e9


@pytest.fixture
def stating(candidate, seal, tmp_path):
    """Returns a function that makes a release with this AUC on new sources; None: it states no figures."""

    def make(name, version, auc, pad=0):
        folder = candidate(tmp_path / "family" / name, version, pad=pad)
        manifest = json.loads((folder / "release.json").read_text())
        if auc is None:
            (folder / ELSEWHERE).unlink()
            return seal(folder, files={file: digest for file, digest in manifest["files"].items() if file != ELSEWHERE})
        content = json.loads((folder / ELSEWHERE).read_text())
        content["findings"] = {"b_lines": {"clips": 95, "positives": 13, "auc": auc}}
        (folder / ELSEWHERE).write_text(json.dumps(content))
        return seal(folder)

    return make


def test_the_better_one_on_new_sources_reads_although_it_is_smaller(stating):
    releases = [stating("a", "1.0.0", 0.9), stating("b", "2.0.0", 0.6, pad=500_000)]
    assert choose(releases, 1, ALWAYS).reader.release.version == "1.0.0"


def test_false_alarms_in_healthy_lungs_count_against_a_release(stating, seal):
    loud, quiet = stating("a", "1.0.0", 0.8), stating("b", "2.0.0", 0.7)
    for folder, over in ((loud, 0.8), (quiet, 0.1)):
        content = json.loads((folder / ELSEWHERE).read_text())
        content["findings"]["b_lines"]["healthy_over"] = over
        (folder / ELSEWHERE).write_text(json.dumps(content))
        seal(folder)
    assert [ModelRelease.load(folder).elsewhere.accuracy for folder in (loud, quiet)] == pytest.approx([0.5, 0.8])
    assert choose([loud, quiet], 1, ALWAYS).reader.release.version == "2.0.0"


def test_a_release_without_figures_is_chosen_last(stating):
    releases = [stating("a", "1.0.0", 0.4), stating("b", "2.0.0", None, pad=500_000)]
    assert ModelRelease.load(releases[1]).elsewhere is None
    assert choose(releases, 1, ALWAYS).reader.release.version == "1.0.0"


def test_each_built_in_release_states_how_it_reads_new_sources():
    for folder in BUILT_IN.iterdir():
        release = ModelRelease.load(folder)
        assert set(release.elsewhere.findings) == {finding.key for finding in release.findings}
        assert 0.5 < release.elsewhere.accuracy < 1


def test_keys_of_a_later_program_are_not_used(stating, seal):
    folder = stating("a", "1.0.0", 0.9)
    content = json.loads((folder / ELSEWHERE).read_text())
    (folder / ELSEWHERE).write_text(json.dumps(content | {"later": 1}))
    assert ModelRelease.load(seal(folder)).elsewhere.accuracy == 0.9


@pytest.mark.parametrize("change", [{"findings": {}}, {"findings": {"b_lines": {"clips": 9, "positives": 3, "auc": 2}}}, {"sources": -1}])
def test_figures_that_are_not_valid_are_refused(stating, change):
    folder = stating("a", "1.0.0", 0.9)
    content = json.loads((folder / ELSEWHERE).read_text())
    (folder / ELSEWHERE).write_text(json.dumps(content | change))
    with pytest.raises(ModelUnusable, match=ELSEWHERE):
        ModelRelease.load(folder)


def test_figures_of_another_model_are_refused(stating):
    folder = stating("a", "1.0.0", 0.9)
    with pytest.raises(ModelUnusable, match="belongs to another model"):
        load_elsewhere(folder, {ELSEWHERE: "0" * 64}, "0" * 64)
