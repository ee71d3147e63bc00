"""The ledger entries of the built-in releases state what the files of the releases state, and nothing else."""

import json
import re
import shutil

import pytest

from edge.disk.digest import digest_of
from edge.inference.elsewhere import ELSEWHERE
from edge.inference.errors import ModelUnusable
from edge.inference.release import BUILT_IN, CONFORMAL, MANIFEST
from edge.inference.shelf import family
from edge.inference.validation import VALIDATION
from models.lung.change import CHANGES, change, main

FAMILY = family(BUILT_IN)


def numbers(text):
    """Every number of a text, but those of a name, a version or a DOI."""
    text = text.replace("Severity 2 or more", "severity")
    return [float(each) for each in re.findall(r"(?<![\w.\-/])\d+(?:\.\d+)?(?![\w\-/]|\.\d)", text)]


def stated(content):
    """Every number in a JSON file."""
    if isinstance(content, dict | list):
        return [each for part in (content.values() if isinstance(content, dict) else content) for each in stated(part)]
    return [float(content)] if isinstance(content, int | float) else numbers(content) if isinstance(content, str) else []


@pytest.mark.parametrize("folder", FAMILY, ids=lambda folder: folder.name)
def test_the_entry_in_the_repository_is_the_one_that_the_files_give(folder):
    """If this fails after a new release, run python -m models.lung.change."""
    assert json.loads((CHANGES / f"{folder.name}.json").read_text()) == change(folder)


@pytest.mark.parametrize("folder", FAMILY, ids=lambda folder: folder.name)
def test_every_figure_of_the_protocol_and_the_impact_is_in_a_file_of_the_release(folder):
    made = change(folder)
    files = [json.loads((folder / name).read_text()) for name in (CONFORMAL, VALIDATION, ELSEWHERE)]
    known = {round(each, digits) for each in stated(files) for digits in (0, 2, 3)}
    known |= {0.6, 8.0}  # the limit of OnNewSources.healthy_over, and the golden vectors
    found = numbers(made["protocol"]) + numbers(made["impact"])
    assert len(found) > 30
    assert [each for each in found if each not in known] == []


@pytest.fixture
def copied(tmp_path):
    return shutil.copytree(BUILT_IN / "lung-s", tmp_path / "lung-s")


def test_the_digest_is_that_of_the_manifest(copied):
    assert change(copied)["release_sha256"] == digest_of(copied / MANIFEST)


def test_a_damaged_release_gets_no_entry(copied):
    (copied / "card.html").write_text("another")
    with pytest.raises(ModelUnusable, match="not the file that was released"):
        change(copied)


def test_the_command_writes_a_file_for_each_release(tmp_path, capsys):
    main(releases=BUILT_IN, out=tmp_path / "changes")
    assert {path.stem for path in (tmp_path / "changes").iterdir()} == {folder.name for folder in FAMILY}
    assert all(str(tmp_path) in line for line in capsys.readouterr().out.splitlines())
