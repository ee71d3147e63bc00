"""The patients of a folder: what the tables state of each, and a clear refusal where the folder does not fit."""

import csv
import shutil

import pytest

from edge.bench.ward.column_map import SHIPPED, load_ward_map
from edge.bench.ward.patients import WardRefused, patients_in
from edge.exam.protocol.file import load_catalogue
from edge.feedback.study.table import TableRefused
from tests.edge.bench.ward.made import make_folder, write_table

ABOUT, BLUE = load_ward_map(SHIPPED), load_catalogue().named("blue-6")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_folder(tmp_path_factory.mktemp("data") / "blues", patients=2, zones=("L1", "R1"))


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "blues")


def change(path, row, column, value):
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    rows[row][head.index(column)] = value
    write_table(path, head, rows)


def test_each_patient_has_clips_labels_scores_and_what_is_known(made):
    well, ill = patients_in(made, ABOUT, BLUE)
    assert (well.name, ill.name) == ("blues_p01", "blues_p02")
    assert [each.clip.zone for each in ill.clips] == ["L1", "R1"]
    assert ill.clips[0].labels == {"b_lines": True, "a_lines": False, "severity_2_plus": True}
    assert (ill.clips[0].score, well.clips[0].score) == (2, 0)
    assert (ill.outcomes, well.outcomes) == ((True,), (False,))
    assert (ill.sex, well.sex, ill.age_years) == ("female", "male", 32)


def test_a_measurement_that_is_not_possible_is_not_known(made):
    assert patients_in(made, ABOUT, BLUE)[0].measurements == {"respiratory_rate": 20, "pulse": 80, "temperature": 37.5}


def test_an_empty_label_is_not_known(folder):
    change(folder / "manifest.csv", 0, "b_lines", "")
    assert patients_in(folder, ABOUT, BLUE)[0].clips[0].labels == {"a_lines": True, "severity_2_plus": False}


def test_an_empty_age_sex_or_test_is_not_known(folder):
    for column in ("pat_age", "pat_sex", "cov_test"):
        change(folder / "clinical_variables.csv", 0, column, "")
    first = patients_in(folder, ABOUT, BLUE)[0]
    assert (first.age_years, first.sex, first.outcomes) == (None, None, (None,))


@pytest.mark.parametrize(
    ("table", "column", "value", "stated"),
    [
        ("manifest.csv", "file", "lus_videos/gone.mcap", "row 3: there is no file 'lus_videos/gone.mcap' in"),
        ("manifest.csv", "file", "../../etc/passwd", "row 3: there is no file"),
        ("manifest.csv", "patient_or_video_id", "", "row 3: the patient is missing"),
        ("manifest.csv", "patient_or_video_id", "blues_p9", "no row of the patient blues_p9"),
        ("manifest.csv", "blue_point", "L9", "row 3: blue-6 has no zone 'L9'; it has L1, L2, L3, R1, R2, R3"),
        ("clinical_variables.csv", "patient_id", "01", "has the patient blues_p01 in more than one row"),
    ],
)
def test_a_folder_that_does_not_fit_is_refused_with_place_and_next_step(folder, table, column, value, stated):
    change(folder / table, 1, column, value)
    with pytest.raises(WardRefused) as refused:
        patients_in(folder, ABOUT, BLUE)
    assert stated in refused.value.what
    assert str(folder) in refused.value.what
    assert refused.value.fix


@pytest.mark.parametrize("table", ["manifest.csv", "clinical_variables.csv"])
def test_a_folder_without_a_table_is_refused(folder, table):
    (folder / table).unlink()
    with pytest.raises(WardRefused, match=f"has no {table}.*--map"):
        patients_in(folder, ABOUT, BLUE)


def test_a_table_without_a_column_is_refused(folder):
    write_table(folder / "manifest.csv", ("file", "label"), [("a", "b")])
    with pytest.raises(TableRefused, match="has no column patient_or_video_id"):
        patients_in(folder, ABOUT, BLUE)
