"""Who is in the hospital, by the API, and exams that begin with an admission."""

import pytest

from edge.exchange.encounters.receiver import Receiver
from tests.edge.exchange.encounters.messages import NAME, adt
from tests.ports import free_port

API = "/api/v1"


@pytest.fixture
def scan(crew, view):
    """A browser of a person who scans, where the hospital has sent a good and a quarantined admission."""
    folder = view.settings.data_dir
    (folder / "hospital.yaml").write_text(f"admissions: {{listen_host: 127.0.0.1, listen_port: {free_port()}, senders: [127.0.0.1]}}\n")
    receiver = Receiver(folder, view.store.now)
    receiver.answer(adt("A01", since="202611290815").encode())
    receiver.answer(adt("A01", visit="V-18", identifier="", born="1981", since="", minutes=1).encode())
    crew.enrol("scan", "scan")
    return crew.sign_in("scan")


def begin(browser, **body):
    return browser.post(f"{API}/exams", json={"protocol": "blue-6", **body})


def test_the_patients_in_the_hospital_are_listed_with_the_age_of_the_list(scan) -> None:
    found = scan.get(f"{API}/encounters").json()
    assert (found["sent"], found["peer"], found["open"], found["found"]) == (True, "", 2, 2)
    assert found["received_at"]
    bad, good = found["entries"]
    assert (good["admission_id"], good["name"], good["dicom_name"]) == ("V-17", "አበበ ሰላማዊት", NAME)
    assert (good["birth_date"], good["since"]) == ("1981-03-02", "2026-11-29T08:15")
    assert (good["place"], good["kind"]) == ("W3 / 12 / A", "inpatient")
    assert (bad["problems"], bad["reasons"], bad["birth_date"], bad["since"]) == (["no-id"], ["it has no patient ID"], "1981", "")
    assert [each["admission_id"] for each in scan.get(f"{API}/encounters", params={"text": "v-17"}).json()["entries"]] == ["V-17"]
    assert len(scan.get(f"{API}/encounters", params={"limit": 1}).json()["entries"]) == 1


def test_an_exam_begins_from_an_admission_with_a_study_of_its_own(scan) -> None:
    begun = begin(scan, order={"encounter": "V-17", "scanned": True, "accession": "ACC-1"}).json()
    assert (begun["patient"]["identifier"], begun["patient"]["issuer"], begun["patient"]["name"]) == ("P-1", "HOSP", "አበበ ሰላማዊት")
    assert (begun["order"]["admission_id"], begun["order"]["accession"], begun["order"]["identified_by"]) == ("V-17", "ACC-1", "scanned")
    scan.post(f"{API}/exams/{begun['id']}/end")
    again = begin(scan, order={"encounter": "V-17"}).json()
    assert again["order"]["identified_by"] == "worklist"
    assert again["study_uid"] != begun["study_uid"]


@pytest.mark.parametrize(("admission", "refusal"), [("V-18", "encounter-quarantined"), ("V-99", "not-admitted")])
def test_no_exam_begins_from_a_quarantined_or_an_unknown_admission(scan, admission, refusal) -> None:
    refused = begin(scan, order={"encounter": admission})
    assert refused.json()["type"] == f"urn:sonoedge:{refusal}"
    assert refused.json()["fix"]
    assert scan.get(f"{API}/exams/current").json()["running"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"order": {"encounter": "V-17", "study_uid": "2.25.1"}},
        {"order": {"encounter": "V-17", "admission_id": "V-17"}},
        {"order": {"encounter": "V-17"}, "patient": {"identifier": "P-1", "name": "Abebe"}},
        {"order": {"encounter": "x" * 65}},
    ],
)
def test_an_admission_that_contradicts_what_is_stated_beside_it_is_refused(scan, body) -> None:
    assert begin(scan, **body).status_code == 422


def test_nobody_is_asked_where_the_hospital_sends_by_itself(scan) -> None:
    refused = scan.post(f"{API}/encounters")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:sonoedge:no-encounters")


def test_in_an_emergency_the_patients_are_not_shown(crew, scan) -> None:
    assert crew.break_glass().get(f"{API}/encounters").json()["says"]["code"] == "encounters_emergency"
