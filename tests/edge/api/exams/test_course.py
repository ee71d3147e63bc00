"""The course of a patient through the API: measured in the background, with the notice, and only for those who read exams."""

import time

import pytest

from firmware_bridge.virtual_probe.chest import Chest

API = "/api/v1"
CHEST = Chest(3, size=128)
PATIENCE_S = 120


@pytest.fixture
def day(crew, view, scan):
    """An ended exam of a patient, with one zone."""
    for badge, role in (("operator", "scan"), ("reader", "interpret")):
        crew.enrol(badge, role)
    crew.operator, crew.reader = crew.sign_in("operator"), crew.sign_in("reader")
    begun = crew.operator.post(f"{API}/exams", json={"protocol": "blue-6", "patient": {"identifier": "P-1", "name": "Abebe"}}).json()
    crew.exam, crew.patient = begun["id"], begun["patient"]["id"]
    scan.show(view.exam, CHEST, 5)
    assert crew.operator.post(f"{API}/exams/{crew.exam}/zones/L1/keep").status_code == 200
    crew.operator.post(f"{API}/exams/{crew.exam}/end")
    crew.path = f"{API}/patients/{crew.patient}/course"
    return crew


def test_a_course_is_measured_in_the_background_and_then_stated(day, view):
    before = day.reader.get(day.path).json()
    assert [(row["exam_id"], row["zone"], row["code"], row["share"]) for row in before["rows"]] == [(day.exam, "L1", "NOT_MEASURED", None)]
    assert (before["missing"], before["measuring"], before["notice"]) == (1, False, "research use, not a diagnosis")
    begun = day.reader.post(day.path, json={})
    assert begun.status_code == 202
    end = time.monotonic() + PATIENCE_S
    while (now := day.reader.get(day.path).json())["measuring"]:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert (now["missing"], now["failed"], now["release"]) == (0, False, view.models.release.ident)
    (row,) = now["rows"]
    assert row["measured_at"] is not None
    assert row["simulated"]
    assert 0 < row["frames"] <= 5
    assert (row["share"] is None) == bool(row["code"])


def test_an_open_exam_is_not_in_the_course(day, view):
    again = day.operator.post(f"{API}/exams", json={"protocol": "blue-6", "patient": {"identifier": "P-1", "name": "Abebe"}}).json()
    assert again["patient"]["id"] == day.patient
    assert {row["exam_id"] for row in day.reader.get(day.path).json()["rows"]} == {day.exam}


def test_a_patient_who_is_not_known_is_not_found(day):
    unknown = day.path.replace(day.patient, "0198c0de-0000-7000-8000-000000000001")
    assert day.reader.get(unknown).status_code == 404
    assert day.reader.post(unknown, json={}).status_code == 404


def test_who_only_serves_the_appliance_sees_no_course(day):
    day.enrol("fixer", "service")
    fixer = day.sign_in("fixer")
    assert fixer.get(day.path).status_code == 403
    assert fixer.post(day.path, json={}).status_code == 403
