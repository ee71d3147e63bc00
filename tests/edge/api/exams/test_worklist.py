"""The worklist by its API, and exams that begin with an order."""

from datetime import date

import pytest

from edge.exchange.worklist.cache import CachedWorklist, save_worklist
from edge.exchange.worklist.entry import WorklistEntry, judged

API = "/api/v1"
DAY = date(2026, 11, 30)
ENTRY = WorklistEntry(
    patient_id="P-1", name="አበበ^ሰላማዊት", birth_date="19810302", sex="F", accession="ACC-1", study_uid="2.25.170401", admission_id="V-1",
    date="20261130", time="091500",
)  # fmt: skip
BAD = WorklistEntry(name="Nobody^Knows", birth_date="1981", study_uid="2.25.5")


@pytest.fixture
def scan(crew, view):
    """A browser of a person who scans, on an appliance with a worklist of a good and a quarantined entry."""
    save_worklist(view.settings.data_dir, CachedWorklist("ris", view.store.now(), DAY, DAY, judged([ENTRY, BAD])))
    crew.enrol("scan", "scan")
    return crew.sign_in("scan")


def begin(browser, **body):
    return browser.post(f"{API}/exams", json={"protocol": "blue-6", **body})


def test_the_worklist_is_listed_as_it_was_scheduled_with_its_age(scan) -> None:
    found = scan.get(f"{API}/worklist").json()
    assert (found["peer"], found["scheduled"], found["found"]) == ("ris", 2, 2)
    assert found["asked_at"]
    good, bad = found["entries"]
    assert (good["name"], good["dicom_name"], good["birth_date"], good["date"]) == ("አበበ ሰላማዊት", "አበበ^ሰላማዊት", "1981-03-02", "2026-11-30")
    assert (good["problems"], good["exam_id"]) == ([], None)
    assert (bad["problems"], bad["reasons"], bad["birth_date"]) == (["no-id"], ["it has no patient ID"], "1981")
    assert [each["patient_id"] for each in scan.get(f"{API}/worklist", params={"text": "acc-1"}).json()["entries"]] == ["P-1"]


def test_an_exam_begins_from_an_entry_and_states_its_order(scan) -> None:
    begun = begin(scan, order={"study_uid": "2.25.170401", "scanned": True}).json()
    assert (begun["study_uid"], begun["patient"]["identifier"], begun["patient"]["name"]) == ("2.25.170401", "P-1", "አበበ ሰላማዊት")
    assert (begun["order"]["accession"], begun["order"]["admission_id"], begun["order"]["identified_by"]) == ("ACC-1", "V-1", "scanned")
    assert scan.get(f"{API}/worklist").json()["entries"][0]["exam_id"] == begun["id"]
    scan.post(f"{API}/exams/{begun['id']}/end")
    again = begin(scan, order={"study_uid": "2.25.170401"})
    assert (again.status_code, again.json()["type"]) == (409, "urn:sonoedge:order-begun")
    assert again.json()["says"] == {"code": "order_begun", "params": {"exam": begun["id"]}}


@pytest.mark.parametrize(("study", "refusal"), [("2.25.5", "entry-quarantined"), ("2.25.6", "not-scheduled")])
def test_no_exam_begins_from_a_quarantined_or_an_unknown_entry(scan, study, refusal) -> None:
    refused = begin(scan, order={"study_uid": study})
    assert refused.json()["type"] == f"urn:sonoedge:{refusal}"
    assert refused.json()["fix"]
    assert scan.get(f"{API}/exams/current").json()["running"] is False


def test_the_numbers_of_an_order_are_stated_by_hand_where_there_is_no_worklist(scan) -> None:
    begun = begin(scan, order={"accession": " ACC-9 ", "admission_id": "V-9"}).json()
    assert (begun["order"]["accession"], begun["order"]["admission_id"], begun["order"]["identified_by"]) == ("ACC-9", "V-9", "typed")
    scan.post(f"{API}/exams/{begun['id']}/end")
    assert begin(scan, order={"admission_id": "V-9", "scanned": True}).json()["order"]["identified_by"] == "scanned"


def test_an_exam_without_an_order_has_none(scan) -> None:
    order = begin(scan).json()["order"]
    assert order.pop("identified_by") == "unknown"
    assert set(order.values()) == {""}


@pytest.mark.parametrize(
    "body",
    [
        {"order": {"study_uid": "2.25.170401", "accession": "ACC-1"}},
        {"order": {"study_uid": "2.25.170401"}, "patient": {"identifier": "P-1", "name": "Abebe"}},
        {"order": {"accession": "x" * 17}},
        {"order": {"admission_id": "A\\B"}},
        {"order": {"admission_id": "A\u202eB"}},
        {"order": {"requested_id": "RP-1"}},
    ],
)
def test_an_order_that_contradicts_itself_or_cannot_be_sent_is_refused(scan, body) -> None:
    assert begin(scan, **body).status_code == 422


def test_nobody_is_asked_where_no_worklist_is_named(scan) -> None:
    refused = scan.post(f"{API}/worklist")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:sonoedge:no-worklist")


def test_in_an_emergency_the_worklist_is_not_shown(crew, scan) -> None:
    assert crew.break_glass().get(f"{API}/worklist").json()["says"]["code"] == "worklist_emergency"
