import csv
import math

import pytest

from firmware_bridge.example_data import ExampleDataAbsent
from models.lung.manifest import EXTERNAL, ManifestWrong, load_clips
from models.lung.recipe import DatasetRecipe, load_recipe

COLUMNS = ("file", "patient", "licence", "fold", "b_lines", "a_lines", "severity")
GOOD = (
    ("one.png", "p1", "CC0", "0", "yes", "no", "2"),
    ("two.png", "p1", "CC0", "0", "no", "", "0"),
    ("three.png", "p2", "CC0", "1", "1", "0", ""),
)


@pytest.fixture
def ward(tmp_path):
    folder = tmp_path / "ward"
    folder.mkdir()
    for row in GOOD:
        (folder / row[0]).write_bytes(b"picture")

    def write(*rows, columns=COLUMNS):
        with (folder / "manifest.csv").open("w", newline="") as file:
            csv.writer(file).writerows([columns, *rows])
        return tmp_path

    return write


def recipe_of(**changes):
    defaults = {"folder": "ward", "name": "Ward", "source": "us", "licence": "CC0", "use": "train", "fold": "fold"}
    return load_recipe().model_copy(update={"datasets": (DatasetRecipe.model_validate(defaults | changes),)})


def test_a_hospitals_own_manifest_needs_no_code(ward):
    one, two, three = load_clips(ward(*GOOD), recipe_of())
    assert (one.patient, one.fold, one.dataset, one.path.name) == ("p1", 0, "ward", "one.png")
    assert one.labels == (1, 0, 1, 1, 0), "B-lines, A-lines, severity from 2, from 1, of 3"
    assert two.labels[0] == 0
    assert math.isnan(two.labels[1]), "an empty cell is not the same as no"
    assert (three.labels[0], three.labels[1]) == (1, 0)
    assert math.isnan(three.labels[2])


def test_without_folds_every_clip_of_a_patient_gets_the_same(ward):
    clips = load_clips(ward(*GOOD), recipe_of(fold=""))
    assert clips[0].fold == clips[1].fold
    assert all(0 <= clip.fold < load_recipe().folds for clip in clips)


def test_a_test_set_is_in_no_fold(ward):
    assert {clip.fold for clip in load_clips(ward(*GOOD), recipe_of(use="judge"))} == {EXTERNAL}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("four.png", "p3", "CC0", "1", "yes", "no", "2"), r"line 3: the file 'four.png' is not in the folder"),
        (("", "p3", "CC0", "1", "yes", "no", "2"), r"line 3: the file '' is not in the folder"),
        (("../secret.png", "p3", "CC0", "1", "yes", "no", "2"), r"line 3: the file '../secret.png'"),
        (("two.png", "p3", "CC0", "1", "perhaps", "no", "2"), r"line 3: b_lines is 'perhaps'.*Expected one of yes, 1, no, 0"),
        (("two.png", "p3", "CC0", "1", "yes", "no", "4"), r"line 3: severity is '4'"),
        (("two.png", "", "CC0", "1", "yes", "no", "2"), r"line 3: no patient"),
        (("two.png", "p3", "", "1", "yes", "no", "2"), r"line 3: no licence"),
        (("two.png", "p3", "CC0", "9", "yes", "no", "2"), r"line 3: the fold is '9'"),
        (("two.png", "p3", "CC0", "one", "yes", "no", "2"), r"line 3: the fold is 'one'"),
        (("two.png", "p1", "CC0", "1", "yes", "no", "2"), r"line 3: patient p1 is in fold 1, but in 0 on line 2"),
        (("two.png", "p1"), r"line 3: no licence"),
    ],
)
def test_an_invalid_line_is_named_with_its_number(ward, tmp_path, row, message):
    (tmp_path / "secret.png").write_bytes(b"x")
    with pytest.raises(ManifestWrong, match=message):
        load_clips(ward(GOOD[0], row), recipe_of())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (("file", "patient", "fold", "b_lines"), "line 1: no column licence"),
        (("file", "patient", "licence", "fold", "colour"), "line 1: no column for any finding"),
        ((), "line 1: no column file, licence, patient, fold"),
    ],
)
def test_missing_columns_are_named(ward, columns, message):
    with pytest.raises(ManifestWrong, match=message):
        load_clips(ward(columns=columns), recipe_of())


def test_an_empty_or_absent_manifest_is_refused(ward, tmp_path):
    with pytest.raises(ManifestWrong, match="lists no clip"):
        load_clips(ward(), recipe_of())
    with pytest.raises(ExampleDataAbsent, match="--data"):
        load_clips(tmp_path / "elsewhere", recipe_of())


LABELLED = (*COLUMNS, "label", "source")
FROM = {"left_out": {"north": "North Hospital", "web": "http"}, "origin": "source"}


def test_a_whole_source_is_in_one_fold_whatever_its_patients(ward):
    sources = ("http://one", "North Hospital, set 2", "elsewhere")
    rows = [(row[0], f"p{number}", *row[2:], "", source) for number, (row, source) in enumerate(zip(GOOD, sources, strict=True))]
    clips = load_clips(ward(*rows, columns=LABELLED), recipe_of(fold="", **FROM))
    assert [(clip.source, clip.fold) for clip in clips[:2]] == [("web", 1), ("north", 0)]
    assert clips[2].source == ""


def test_a_source_without_a_clip_is_refused(ward):
    rows = [(*row, "", "http://one") for row in GOOD]
    with pytest.raises(ManifestWrong, match="lists no clip of the source north"):
        load_clips(ward(*rows, columns=LABELLED), recipe_of(fold="", **FROM))


def test_a_patient_in_two_sources_is_refused(ward):
    rows = [(*GOOD[0], "", "http://one"), (*GOOD[1], "", "North Hospital")]
    with pytest.raises(ManifestWrong, match="line 3: patient p1 is in fold 0, but in 1 on line 2"):
        load_clips(ward(*rows, columns=LABELLED), recipe_of(fold="", **FROM))


def test_a_weak_label_fills_only_an_empty_cell(ward):
    weak = [{"finding": "b_lines", "present": False, "column": "label", "text": "regular"}]
    rows = [
        ("one.png", "p1", "CC0", "0", "", "", "", "regular", ""),
        ("two.png", "p1", "CC0", "0", "yes", "", "", "regular", ""),
        ("three.png", "p2", "CC0", "1", "", "", "", "covid", ""),
    ]
    recipe = recipe_of(weak=weak, healthy={"column": "label", "text": "regular"})
    filled, stated, other = load_clips(ward(*rows, columns=LABELLED), recipe)
    assert (filled.labels[0], stated.labels[0]) == (0, 1)
    assert math.isnan(other.labels[0])
    assert [clip.healthy for clip in (filled, stated, other)] == [True, True, False]
    assert [clip.taught for clip in (filled, stated, other)] == [True, True, False], "nothing is known of the last"


def test_no_patient_of_the_real_data_is_in_two_folds(data_folder):
    every = load_clips(data_folder, load_recipe())
    clips = [clip for clip in every if clip.dataset == "covid_blues"]
    taught = [clip for clip in clips if clip.taught]
    assert (len(taught), len({clip.patient for clip in taught})) == (285, 50)
    assert {clip.fold for clip in taught} == {0, 1, 2, 3}
    elsewhere = [clip for clip in every if clip.dataset == "pocus_lung" and clip.taught]
    assert all(clip.source for clip in elsewhere), "each labelled clip is read by a network that never saw its source"
    assert {clip.fold for clip in elsewhere if clip.labels[0] == 1} == {0, 1, 2, 3}
    assert all(clip.zone in {"L1", "L2", "L3", "R1", "R2", "R3"} for clip in taught)
    by_name = {clip.path.stem: clip for clip in taught}
    assert by_name["patient_10_L1"].labels == (0, 1, 0, 0, 0)
