from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from models.lung.evaluation.clips import clips_of
from models.lung.evaluation.subgroups import load_clinical, subgroups


@pytest.fixture
def clips(predictions):
    clips = clips_of(predictions, 0)
    return clips.at(clips.dataset == "covid_blues")


def test_groups_are_in_order_and_contain_all_patients_with_a_known_value(clips, made_up_data):
    found = subgroups(clips, load_clinical(made_up_data / "covid_blues"))
    assert [(group.variable, group.group) for group in found] == [
        *(("age", group) for group in ("under 50", "50 to 70", "over 70")),
        *(("sex", group) for group in ("female", "male")),
        *(("BMI", group) for group in ("under 25", "25 to 30", "over 30")),
        *(("BLUE point", group) for group in ("L1", "L2", "L3", "R1", "R2", "R3")),
    ]
    count = {name: sum(group.clips for group in found if group.variable == name) for name in ("age", "sex", "BMI", "BLUE point")}
    assert count == {"age": 300, "sex": 300, "BMI": 294, "BLUE point": 300}, "the BMI of one patient is -99"


def test_limits_of_groups(tmp_path):
    variables = "patient_id,pat_sex,pat_age,pat_bmi\n0,1,49,24.9\n1,0,50,25\n2,0,70,30\n3,1,71,30.1\n4,,-99,nan\n"
    (tmp_path / "clinical_variables.csv").write_text(variables)
    of = load_clinical(tmp_path)
    assert [of[str(number)]["age"] for number in range(5)] == ["under 50", "50 to 70", "50 to 70", "over 70", ""]
    assert [of[str(number)]["BMI"] for number in range(5)] == ["under 25", "25 to 30", "25 to 30", "over 30", ""]
    assert [of[str(number)]["sex"] for number in range(5)] == ["male", "female", "female", "male", ""]


def test_a_group_that_is_too_small_has_no_figures(clips):
    zone = np.where(np.arange(len(clips)) < 12, "L1", "R1")
    few, rest = subgroups(replace(clips, zone=zone), {})
    assert (few.group, few.clips, few.figures) == ("L1", 12, None)
    assert rest.figures.auc.value > 0.8


def test_a_data_set_without_clinical_variables_has_zones_only(clips, tmp_path):
    assert {group.variable for group in subgroups(clips, load_clinical(tmp_path))} == {"BLUE point"}


def test_every_patient_of_the_real_data_has_clinical_variables(data_folder):
    import csv

    clinical = load_clinical(data_folder / "covid_blues")
    with (data_folder / "covid_blues" / "manifest.csv").open(newline="") as file:
        patients = {row["patient_or_video_id"] for row in csv.DictReader(file)}
    from models.lung.evaluation.subgroups import _number

    assert len(patients) == 50
    assert all(clinical[_number(patient)]["age"] for patient in patients)
    assert sum(not clinical[_number(patient)]["BMI"] for patient in patients) == 1
