"""Outcomes by their API: the conditions, what was recorded and what holds, and what is refused in words that a page translates."""

from datetime import timedelta

import pytest

from edge.records.schema import ExamRow

API = "/api/v1"


@pytest.fixture
def reader(crew):
    crew.enrol("reader", "interpret")
    return crew.sign_in("reader")


@pytest.fixture
def exam(crew):
    crew.enrol("scan", "scan")
    scan = crew.sign_in("scan")
    exam = scan.post(f"{API}/exams", json={"protocol": "blue-6"}).json()["id"]
    scan.post(f"{API}/exams/{exam}/end")
    return exam


@pytest.fixture
def day(view):
    return view.store.now().date()


def record(browser, exam, day, **more):
    return browser.post(
        f"{API}/exams/{exam}/outcomes", json={"condition": "pneumonia", "present": True, "reference": "ct", "on": str(day), **more}
    )


def test_the_conditions_state_which_references_determine_them(client):
    known = {each["id"]: each for each in client.get(f"{API}/conditions").json()}
    assert known["pleural-effusion"]["references"]["ct"] == 3
    assert known["covid-19"]["name"] == "COVID-19"


def test_an_outcome_is_recorded_read_and_withdrawn(reader, exam, day):
    made = record(reader, exam, day, note="right lower lobe")
    assert made.status_code == 201
    assert (made.json()["exam"], made.json()["note"], made.json()["withdrawn_at"]) == (exam, "right lower lobe", None)
    found = reader.get(f"{API}/exams/{exam}/outcomes").json()
    assert [each["id"] for each in found["outcomes"]] == [made.json()["id"]]
    assert found["truths"] == [{"condition": "pneumonia", "present": True, "why": None, "level": 3, "reference": "ct"}]
    gone = reader.post(f"{API}/outcomes/{made.json()['id']}/withdraw", json={"why": "another patient"})
    assert (gone.status_code, gone.json()["why"]) == (200, "another patient")
    found = reader.get(f"{API}/exams/{exam}/outcomes").json()
    assert (len(found["outcomes"]), found["truths"]) == (1, [])


def test_counts_that_could_tell_of_one_patient_are_not_stated(reader, view, exam, day):
    with view.store.write() as change:
        change.session.get(ExamRow, exam).simulated = False
        change.log("test", "exam.changed", "exam")
    record(reader, exam, day)
    known = reader.get(f"{API}/outcomes").json()
    pneumonia = next(each for each in known["conditions"] if each["condition"] == "pneumonia")
    assert (known["least"], pneumonia["present"], pneumonia["absent"]) == (5, None, 0)


def test_outcomes_that_differ_leave_it_open(reader, exam, day):
    record(reader, exam, day)
    record(reader, exam, day, present=False, reference="panel")
    (truth,) = reader.get(f"{API}/exams/{exam}/outcomes").json()["truths"]
    assert (truth["present"], truth["why"]) == (None, "differ")


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"condition": "gout"}, (404, "condition_unknown")),
        ({"condition": "covid-19", "reference": "ct"}, (422, "outcome_reference")),
        ({"on": 2}, (422, "outcome_future")),
        ({"on": -30}, (422, "outcome_early")),
    ],
)
def test_what_cannot_be_true_is_refused_with_a_code(reader, exam, day, more, refusal):
    if "on" in more:
        more = {"on": str(day + timedelta(more["on"]))}
    answer = record(reader, exam, day, **more)
    assert (answer.status_code, answer.json()["says"]["code"]) == refusal
    assert reader.get(f"{API}/exams/{exam}/outcomes").json()["outcomes"] == []


@pytest.mark.parametrize(
    "more", [{"present": "perhaps"}, {"reference": "guess"}, {"on": "yesterday"}, {"note": "x" * 501}, {"colour": "red"}]
)
def test_what_is_no_outcome_is_refused(reader, exam, day, more):
    assert record(reader, exam, day, **more).status_code == 422
