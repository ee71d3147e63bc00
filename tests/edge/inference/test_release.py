import json
import shutil

import pytest

from edge.inference.release import BUILT_IN, DEFAULT_RELEASE, ModelRelease, ModelUnusable


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(DEFAULT_RELEASE, tmp_path / "release")


def rewrite(path, **changed):
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


@pytest.mark.parametrize("name", sorted(path.name for path in BUILT_IN.iterdir() if path.is_dir()))
def test_the_releases_in_the_house_are_whole(name):
    release = ModelRelease.load(BUILT_IN / name)
    release.verify()
    assert (release.name, release.task) == (name, "lung")
    assert release.ident == f"{name}-{release.version}"
    assert [f.key for f in release.findings] == ["b_lines", "a_lines", "severity_2_plus"]
    assert "esearch use, not a diagnosis" in release.card
    assert "CC BY-NC-ND" in release.card
    assert set(release.files) == {path.name for path in release.folder.iterdir()} - {"release.json"}


@pytest.mark.parametrize("name", ["lung-m.tflite", "calibration.json", "conformal.json", "novelty.npz", "golden.npz", "card.html"])
def test_one_changed_bit_of_any_file_is_refused(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelUnusable, match=name):
        ModelRelease.load(folder).verify()


@pytest.mark.parametrize("name", ["lung-m.tflite", "calibration.json", "novelty.npz", "golden.npz", "card.html"])
def test_an_absent_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelUnusable, match=name):
        ModelRelease.load(folder).verify()


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"name": "x", "findings": 3}), "x" * 1_000_001])
def test_a_folder_that_is_no_release_says_so(folder, text):
    (folder / "release.json").write_text(text)
    with pytest.raises(ModelUnusable, match=r"release\.json is"):
        ModelRelease.load(folder)


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "../../etc/passwd"},
        {"model": "other.tflite"},
        {"version": "1.0"},
        {"version": "latest"},
        {"name": "Lung M"},
        {"files": {"../x": "0" * 64}},
        {"files": {}},
        {"findings": []},
        {"findings": [{"key": "x", "name": "X"}, {"key": "x", "name": "Y"}]},
        {"input_side": 0},
        {"surprise": 1},
    ],
)
def test_what_a_manifest_may_not_say_is_refused(folder, changed):
    rewrite(folder / "release.json", **changed)
    with pytest.raises(ModelUnusable, match="is not a valid file of a release"):
        ModelRelease.load(folder)


@pytest.mark.parametrize("name", ["calibration.json", "conformal.json"])
def test_tables_of_another_release_or_of_other_findings_are_refused(folder, name):
    kept = (folder / name).read_text()
    rewrite(folder / name, model_sha256="0" * 64)
    with pytest.raises(ModelUnusable, match="belongs to another model"):
        ModelRelease.load(folder)
    (folder / name).write_text(kept)
    findings = json.loads(kept)["findings"]
    findings["pleural_effusion"] = findings.pop("a_lines")
    rewrite(folder / name, findings=findings)
    with pytest.raises(ModelUnusable, match="pleural_effusion"):
        ModelRelease.load(folder)


def test_a_calibration_that_is_no_number_is_refused(folder):
    (folder / "calibration.json").write_text((folder / "calibration.json").read_text().replace('"offset": ', '"offset": 1e999, "x": ', 1))
    with pytest.raises(ModelUnusable, match="calibration"):
        ModelRelease.load(folder)


def test_an_absent_folder_says_what_to_do(tmp_path):
    with pytest.raises(ModelUnusable, match="--model"):
        ModelRelease.load(tmp_path / "nowhere")
