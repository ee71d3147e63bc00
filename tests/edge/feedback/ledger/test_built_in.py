"""Each built-in release brings its entry with the program, made from what its files state."""

import json

import pytest

from edge.feedback.ledger.built_in import CHANGES, built_in
from edge.feedback.ledger.entry import Kind, subject_of
from edge.feedback.ledger.errors import BuiltInUnusable
from edge.feedback.ledger.standing import Standing, standing_of
from edge.inference.release import BUILT_IN
from edge.inference.shelf import family


@pytest.mark.parametrize("folder", family(BUILT_IN), ids=lambda folder: folder.name)
def test_each_built_in_release_has_the_entry_of_exactly_its_files(folder):
    """If this fails after a new release, run python -m models.lung.change."""
    standing, entry = standing_of(subject_of(folder), built_in())
    assert (standing, entry.change.kind, entry.by, entry.at) == (Standing.COMPLETE, Kind.BUILT_IN, "the program", None)
    assert entry.change.model_sha256 == subject_of(folder).model_sha256


def test_there_is_no_entry_of_another_release():
    assert {path.stem for path in CHANGES.iterdir()} == {folder.name for folder in family(BUILT_IN)}


@pytest.mark.parametrize("change", [{"impact": ""}, {"release_sha256": "none"}, {"more": 1}])
def test_a_damaged_entry_of_the_program_is_named(tmp_path, change):
    stated = json.loads((CHANGES / "lung-s.json").read_text())
    (tmp_path / "lung-s.json").write_text(json.dumps(stated | change))
    with pytest.raises(BuiltInUnusable, match=r"lung-s\.json is not an entry"):
        built_in(tmp_path)
