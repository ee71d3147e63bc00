"""Post-test probability through the API: the published signs of an exam, the calculation, its refusals, and blind readers."""

import pytest

from edge.exam.likelihood.published import published
from firmware_bridge.virtual_probe.chest import Chest

API = "/api/v1"
CHEST = Chest(2, size=128)
LUNG = {"sign": "pneumonia-all-ages", "before": 0.3, "answer": "present"}


@pytest.fixture
def day(crew, view, scan):
    """A preliminary exam with one zone, with its operator and a reader."""
    for badge, role in (("operator", "scan"), ("reader", "interpret")):
        crew.enrol(badge, role)
    crew.operator, crew.reader = crew.sign_in("operator"), crew.sign_in("reader")
    exam = crew.operator.post(f"{API}/exams", json={"protocol": "blue-6"}).json()["id"]
    scan.show(view.exam, CHEST, 5)
    assert crew.operator.post(f"{API}/exams/{exam}/zones/L1/keep").status_code == 200
    crew.path = f"{API}/exams/{exam}"
    crew.operator.post(f"{crew.path}/end")
    return crew


def ask(browser, day, **query):
    return browser.get(f"{day.path}/post-test", params=query)


def test_the_signs_are_listed_with_ratios_intervals_population_machine_and_source(day):
    listed = day.operator.get(f"{day.path}/signs").json()
    assert [each["id"] for each in listed] == [row.id for row in published()]
    row = next(each for each in listed if each["id"] == "pneumonia-all-ages")
    assert row["positive"] == {"value": 11.05, "low": 3.76, "high": 32.5}
    assert all(each["population"] and each["machine"] and each["source"] and each["notice"] for each in listed)
    assert {each["stated"] for each in listed if each["finding"] == "b_lines"} == {"unsure"}, "one zone of six states nothing of the exam"
    assert {each["stated"] for each in listed if each["finding"] is None} == {None}


def test_a_result_has_its_interval_its_figures_and_the_notice(day):
    found = ask(day.operator, day, **LUNG).json()
    assert found["after"] == pytest.approx(0.8257, abs=1e-4)
    assert [found[f"{name}_percent"] for name in ("before", "after", "low", "high")] == [30, 83, 62, 93]
    assert (found["own"], found["of_exam"], found["present"], found["simulated"]) == (False, False, True, True)
    assert found["whose"].startswith("Not figures of this site: all ages")
    assert found["notice"] == "research use, not a diagnosis"


def test_a_ratio_without_an_interval_gives_none(day):
    found = ask(day.operator, day, sign="pneumonia-children", before=0.3, answer="absent").json()
    assert (found["low"], found["high"], found["low_percent"], found["high_percent"]) == (None, None, None, None)


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        (LUNG | {"answer": "unsure"}, 422, "post_test_unsure"),
        ({"sign": "ahf-b-lines", "before": 0.3}, 422, "post_test_unsure"),
        ({"sign": "ahf-b-lines", "before": 0.3, "answer": "present"}, 422, "post_test_of_exam"),
        ({"sign": "pneumonia-all-ages", "answer": "present"}, 422, "post_test_unstated"),
        (LUNG | {"before": 1}, 422, "post_test_certain"),
        (LUNG | {"before": "nan"}, 422, "post_test_certain"),
        (LUNG | {"sign": ["pneumonia-all-ages", "pneumonia-children"]}, 422, "post_test_several"),
    ],
)
def test_a_refusal_has_a_code_for_the_page(day, query, status, says):
    refused = ask(day.operator, day, **query)
    assert (refused.status_code, refused.json()["says"]["code"]) == (status, says)


def test_an_unknown_sign_and_a_missing_one_are_refused(day):
    assert ask(day.operator, day, **LUNG | {"sign": "gout"}).json()["type"] == "urn:sonoedge:likelihood-ratio-unknown"
    assert ask(day.operator, day, before=0.3).status_code == 422


def test_a_blind_reader_learns_nothing_before_the_review_is_saved(day):
    assert day.reader.get(f"{day.path}/signs").status_code == 200
    day.reader.post(f"{day.path}/reviews")
    for path in ("signs", "post-test?sign=pneumonia-all-ages&before=0.3&answer=present"):
        refused = day.reader.get(f"{day.path}/{path}")
        assert (refused.status_code, refused.json()["says"]["code"]) == (409, "findings_hidden")
        assert "stated" not in refused.text
    assert day.operator.get(f"{day.path}/signs").status_code == 200
