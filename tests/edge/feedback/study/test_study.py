"""The figures of a study: by hand on a small table, and as published on the real one."""

import pytest

from edge.feedback.statistics.figure import Figure, NoFigure, Why
from edge.feedback.study.column_map import ColumnMap, shipped_map
from edge.feedback.study.study import study_of
from edge.feedback.study.table import TableRefused, read_table

SIDES = {"left": {"answer": ["us left"], "truth": ["ct left", "ct left old"]}, "right": {"answer": ["us right"], "truth": ["ct right"]}}
MAP = ColumnMap.model_validate(
    {
        "id": "two-sides",
        "name": "Two sides",
        "population": "a ward",
        "machine": "one machine",
        "source": "made up for this test",
        "patient": "who",
        "present": ["yes"],
        "absent": ["no"],
        "signs": [{"id": "effusion", "condition": "pleural-effusion", "sign": "effusion", "reference": "ct", "cases": SIDES}],
        "counts": [{"name": "died", "column": "died"}],
    }
)


def rows(*lines):
    names = ("who", "us left", "ct left", "ct left old", "us right", "ct right", "died")
    return [dict(zip(names, line.split(","), strict=True)) for line in lines]


def test_a_case_counts_where_sign_and_reference_are_known():
    study = study_of(
        MAP,
        rows(
            "a,yes,yes,no,no,no,no",
            "b,yes,no,no,,no,yes",
            "c,no,no,yes,yes,maybe,",
            "d,no,no,,no,no,no",  # not present in one column, not known in the other
        ),
    )
    (sign,) = study.signs
    counts = sign.counts
    assert (counts.true_present, counts.false_present, counts.false_absent, counts.true_absent) == (1, 1, 1, 2)
    assert (sign.cases, sign.left_out) == (5, 3)
    (died,) = study.counts
    assert (died.present, died.absent, died.unknown) == (1, 2, 1)


def test_few_patients_and_one_class_are_sentences_and_no_numbers():
    (few,) = study_of(MAP, rows("a,yes,yes,no,no,no,no")).signs
    assert few.sensitivity == NoFigure(Why.FEW)
    (one,) = study_of(MAP, rows(*(f"{n},no,no,no,no,no,no" for n in range(9)))).signs
    assert one.sensitivity == NoFigure(Why.NO_CASES)
    assert one.positive == NoFigure(Why.ONE_CLASS)
    (missing,) = study_of(MAP, rows(*(f"{n},,,,,," for n in range(9)))).signs
    assert missing.specificity == NoFigure(Why.NO_CASES)
    assert missing.left_out == 18


@pytest.mark.parametrize(
    ("lines", "stated"), [(("a,,,,,,", "a,,,,,,"), "patient a is in more than one row"), ((",,,,,,",), "1 rows have no patient")]
)
def test_each_row_is_another_patient(lines, stated):
    with pytest.raises(TableRefused, match=stated):
        study_of(MAP, rows(*lines))


PUBLISHED = {
    "effusion-ct": ((29, 11, 20, 99), {"sensitivity": 0.59, "specificity": 0.90, "positive": 5.9, "negative": 0.45}),
    "b-lines-ct": ((24, 19, 40, 76), {"sensitivity": 0.375, "specificity": 0.80, "positive": 1.9, "negative": 0.78}),
}
"""As the README of the data states them."""
ROUNDED = 0.05


def test_the_real_table_gives_the_published_counts_and_figures(data_folder):
    table = data_folder / "lus_ed" / "lus_ed.csv"
    about = shipped_map(table)
    study = study_of(about, read_table(table, about.columns))
    assert study.patients == 284
    assert {each.name: (each.present, each.absent, each.unknown) for each in study.counts} == {
        "admitted": (157, 77, 50),
        "died": (22, 262, 0),
        "PCR positive": (12, 245, 27),
    }
    assert [sign.id for sign in study.signs] == list(PUBLISHED)
    for sign in study.signs:
        counts, figures = PUBLISHED[sign.id]
        assert (sign.counts.true_present, sign.counts.false_present, sign.counts.false_absent, sign.counts.true_absent) == counts
        for name, value in figures.items():
            figure = getattr(sign, name)
            assert isinstance(figure, Figure)
            assert figure.value == pytest.approx(value, abs=ROUNDED if value > 1 else 0.005)
            assert figure.low < figure.value < figure.high
