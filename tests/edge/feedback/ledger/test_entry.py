"""What an entry holds, and what it cannot lack."""

from datetime import datetime, timezone

import pytest
from pydantic import ValidationError

from edge.feedback.ledger.entry import MOST, Change, Kind, Parts, accepted_here, shadow_result, subject_of
from edge.inference.errors import ModelUnusable
from edge.inference.release import BUILT_IN, ModelRelease
from edge.pipeline.shadow import FindingFigures, ShadowFailed, ShadowFigures

AT = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
FACTS = {"release": "lung-s-1.0.0", "release_sha256": "a" * 64, "model_sha256": "b" * 64}


@pytest.mark.parametrize("part", ["description", "protocol", "impact"])
@pytest.mark.parametrize("text", ["", "  \n ", "x" * (MOST + 1)])
def test_no_part_is_empty_or_endless(part, text):
    texts = {"description": "d", "protocol": "p", "impact": "i"} | {part: text}
    with pytest.raises(ValidationError):
        Parts(**texts)


def test_a_signed_entry_has_its_parts_and_one_of_a_release_in_use_has_none(parts):
    assert Change(kind=Kind.SIGNED, parts=parts, **FACTS).parts == parts
    assert Change(kind=Kind.IN_USE, **FACTS).parts is None
    for kind, given in ((Kind.SIGNED, None), (Kind.BUILT_IN, None), (Kind.IN_USE, parts)):
        with pytest.raises(ValidationError):
            Change(kind=kind, parts=given, **FACTS)


def test_the_figures_of_a_shadow_are_stored_as_they_were_measured():
    figures = ShadowFigures("lung-s-1.0.0", "lung-m-0.3.2", 120, 7, {"b_lines": FindingFigures(3, 0.0125)}, None, {"active": 4})
    found = shadow_result(figures, AT)
    assert (found.active, found.frames, found.skipped, found.not_validated) == ("lung-m-0.3.2", 120, 7, {"active": 4})
    assert (found.findings["b_lines"].disagreed, found.findings["b_lines"].difference) == (3, 0.0125)
    assert (found.problem, found.at) == ("", AT)


def test_a_shadow_that_failed_states_why_and_one_that_read_nothing_is_no_result():
    failed = ShadowFigures("lung-s-1.0.0", "lung-m-0.3.2", 1, problem=ShadowFailed("it has stopped", "See the log"))
    assert shadow_result(failed, AT).problem == "it has stopped"
    assert shadow_result(ShadowFigures("lung-s-1.0.0"), AT) is None


def test_an_acceptance_is_named_with_its_machine_its_counts_and_its_person(acceptance):
    release = ModelRelease.load(BUILT_IN / "lung-s")
    (found,) = accepted_here([acceptance(release, "GE Vscan Air", until="2200-01-31")])
    assert (found.machine, found.clips, found.patients, found.by) == ("GE Vscan Air", 100, 50, "Hana Girma (hana)")
    assert found.findings == tuple(label.key for label in release.findings)
    assert str(found.until) == "2200-01-31"


def test_the_subject_is_the_whole_release_and_not_its_network_alone(candidate, seal, tmp_path):
    folder = candidate(tmp_path / "release", "1.0.0")
    before = subject_of(folder)
    (folder / "card.html").write_text("another card")
    seal(folder)
    after = subject_of(folder)
    assert (before.ident, before.model_sha256) == (after.ident, after.model_sha256) == ("lung-s-1.0.0", before.model_sha256)
    assert before.sha256 != after.sha256


def test_a_folder_without_a_manifest_is_no_subject(tmp_path):
    with pytest.raises(ModelUnusable, match="cannot be read"):
        subject_of(tmp_path)
