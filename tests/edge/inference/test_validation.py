import json
import shutil
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.finding_label import CANNOT_TELL
from edge.inference.release import BUILT_IN, DEFAULT_RELEASE, ModelRelease, ModelUnusable
from edge.inference.validation import VALIDATION
from firmware_bridge.machine import UNKNOWN_MACHINE, Machine

LUMIFY, OTHER = Machine("Philips", "Lumify", "S4-1"), Machine("SonoEdge", "virtual probe")
RELEASE = ModelRelease.load()
ACROSS = {"alpha": 0.1, "sources": 4, "patients": 40, "clips": 90, "findings": {"b_lines": {"present_from": 0.6, "absent_to": 0.2}}}


@pytest.fixture
def with_validation(tmp_path):
    def make(**changed):
        folder = shutil.copytree(DEFAULT_RELEASE, tmp_path / "release")
        path = folder / VALIDATION
        path.write_text(json.dumps(json.loads(path.read_text()) | changed))
        return folder

    return make


@pytest.mark.parametrize("name", ["lung-m", "lung-s"])
def test_the_built_in_releases_hold_on_the_machine_of_their_data_and_nowhere_else(name):
    release = ModelRelease.load(BUILT_IN / name)
    (on,) = release.validation.validated_on
    assert (on.machine.name, on.patients, on.clips) == ("Philips Lumify", 50, 285)
    assert set(on.figures) == {label.key for label in release.findings}
    assert release.on(LUMIFY).labels == release.findings
    assert [release.on(machine).validated for machine in (LUMIFY, OTHER, UNKNOWN_MACHINE)] == [True, False, False]


def test_the_card_shows_the_figures_of_the_validation():
    for name in ("lung-m", "lung-s"):
        release = ModelRelease.load(BUILT_IN / name)
        for figures in release.validation.validated_on[0].figures.values():
            assert f"{figures['auc']:.2f} ({figures['auc_low']:.2f} to {figures['auc_high']:.2f})" in release.card


@given(st.floats(0, 1))
def test_without_a_calibration_across_machines_every_finding_stays_open_elsewhere(probability):
    standing = RELEASE.on(OTHER)
    assert not standing.decides
    assert {label.set_of(probability) for label in standing.labels} == {CANNOT_TELL}


def test_a_calibration_across_machines_decides_the_findings_that_it_has(with_validation):
    release = ModelRelease.load(with_validation(across_machines=ACROSS))
    standing = release.on(OTHER)
    assert (standing.validated, standing.decides) == (False, True)
    b_lines, a_lines, _ = standing.labels
    assert [b_lines.set_of(p) for p in (0.1, 0.4, 0.7)] == [("absent",), CANNOT_TELL, ("present",)]
    assert {a_lines.set_of(p) for p in (0.01, 0.99)} == {CANNOT_TELL}
    assert release.on(LUMIFY).labels == release.findings, "where it is validated, its own calibration holds"


def test_what_the_site_has_accepted_counts_before_everything_else():
    release = RELEASE
    here = tuple(reversed(release.findings))
    accepting = release.accepting(lambda machine: here if machine == OTHER else None)
    assert accepting.on(OTHER).validated
    assert accepting.on(OTHER).labels == here
    assert accepting.on(LUMIFY).labels == release.findings
    assert not accepting.on(UNKNOWN_MACHINE).validated


def test_a_machine_whose_images_differ_counts_as_not_validated_unless_the_site_has_accepted_it(with_validation):
    doubted = replace(LUMIFY, doubted=True)
    assert not RELEASE.on(doubted).validated
    assert not RELEASE.on(doubted).decides
    assert ModelRelease.load(with_validation(across_machines=ACROSS)).on(doubted).decides
    assert RELEASE.accepting(lambda _: RELEASE.findings).on(doubted).validated


def test_a_release_without_the_file_was_validated_nowhere(tmp_path):
    folder = shutil.copytree(DEFAULT_RELEASE, tmp_path / "release")
    (folder / VALIDATION).unlink()
    manifest = json.loads((folder / "release.json").read_text())
    del manifest["files"][VALIDATION]
    (folder / "release.json").write_text(json.dumps(manifest))
    assert not ModelRelease.load(folder).on(LUMIFY).validated


def test_keys_of_a_later_program_are_no_fault(with_validation):
    assert ModelRelease.load(with_validation(drawn_by="a later program")).on(LUMIFY).validated


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"model_sha256": "0" * 64}, "another model"),
        ({"validated_on": [{"maker": "a", "model": "b" * 65, "patients": 1, "clips": 1, "source": "x"}]}, "at most 64"),
        ({"validated_on": [{"maker": "a", "model": "b\u202ec", "patients": 1, "clips": 1, "source": "x"}]}, "not a part of the name"),
        ({"validated_on": [{"maker": "a", "model": "b", "patients": -1, "clips": 1, "source": "x"}]}, "patients"),
        ({"across_machines": ACROSS | {"findings": {"gallstones": {"present_from": 0.5, "absent_to": 0.5}}}}, "gallstones"),
        ({"across_machines": ACROSS | {"alpha": 2}}, "alpha"),
    ],
)
def test_a_file_that_cannot_be_true_is_refused_by_name(with_validation, changed, why):
    with pytest.raises(ModelUnusable, match=rf"validation\.json.*{why}"):
        ModelRelease.load(with_validation(**changed))
