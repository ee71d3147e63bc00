"""Reports through the API: the very bytes that were given out, on paper with what could not be printed, and signed once."""

import base64
import hashlib

import pytest
import typst
from fastapi.testclient import TestClient

from edge.api.exams import reports
from edge.api.exams.reports import LONGEST_CONCLUSION, REMARK
from edge.exam.report import pdf as report_pdf
from edge.exam.report.pdf import printed

API = "/api/v1"
PATIENT = {"identifier": "P-1", "name": "ሰላማዊት አበበ"}
QUALITY = {"scale": "lung-5", "version": "1.0.0", "value": 1}


@pytest.fixture
def reader(crew):
    crew.enrol("reader", "interpret")
    return crew.sign_in("reader")


@pytest.fixture
def exam(crew, reader):
    """A trainee's, reviewed, of which no zone was taken."""
    crew.enrol("trainee", "scan")
    trainee = crew.sign_in("trainee")
    begun = trainee.post(f"{API}/exams", json={"protocol": "blue-6", "patient": PATIENT}).json()["id"]
    trainee.post(f"{API}/exams/{begun}/end")
    review = reader.post(f"{API}/exams/{begun}/reviews").json()
    answer = {"zones": {}, "quality": QUALITY}
    assert reader.put(f"{API}/reviews/{review['id']}", json=answer, headers={"If-Match": '"1"'}).status_code == 200
    return begun


def sign(reader, exam, act="sign", **body):
    return reader.post(f"{API}/exams/{exam}/{act}", headers={"If-Match": reader.get(f"{API}/exams/{exam}").headers["etag"]}, **body)


def test_a_signed_report_is_answered_byte_for_byte_with_its_digest(reader, exam):
    signed = sign(reader, exam)
    assert signed.status_code == 200
    assert signed.headers["etag"] == reader.get(f"{API}/exams/{exam}").headers["etag"]
    again = reader.get(f"{API}/exams/{exam}/report?number=1")
    assert again.content == signed.content
    digest = base64.b64encode(hashlib.sha256(again.content).digest()).decode()
    assert again.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert reader.get(f"{API}/exams/{exam}/reports").json()[0]["sha256"] == hashlib.sha256(again.content).hexdigest()


def test_what_the_reader_concludes_is_signed_with_the_report(reader, exam):
    assert sign(reader, exam, json={"conclusion": "x" * (LONGEST_CONCLUSION + 1)}).status_code == 422
    signed = sign(reader, exam, json={"conclusion": "Scan again in two days"})
    assert {"name": "conclusion", "value": "Scan again in two days", "unit": "", "at": None, "by": ""} in signed.json()["context"]


def test_a_preliminary_report_has_no_digest_since_it_was_not_given_out(reader, exam):
    stated = reader.get(f"{API}/exams/{exam}/report")
    assert stated.json()["status"] == "preliminary"
    assert "repr-digest" not in stated.headers
    assert reader.get(f"{API}/exams/{exam}/reports").json() == []
    assert reader.get(f"{API}/exams/{exam}/report?number=1").status_code == 404
    assert reader.get(f"{API}/exams/{exam}/report?number=0").status_code == 422


def test_the_page_says_in_its_answer_what_could_not_be_printed(reader, exam, monkeypatch):
    monkeypatch.setattr(report_pdf, "_machine_fonts", lambda: typst.Fonts(include_system_fonts=False))
    monkeypatch.setattr(reports, "pressed", lambda report, _: printed(report))  # in this process, which has no fonts now
    stated = reader.get(f"{API}/exams/{exam}/report.pdf")
    assert (stated.status_code, stated.headers["content-type"]) == (200, "application/pdf")
    assert stated.content.startswith(b"%PDF-")
    assert "no font for Ethiopic" in stated.headers[REMARK]
    assert "fonts-noto-core" in stated.headers[REMARK]


def test_an_amendment_says_why(reader, exam):
    sign(reader, exam)
    assert sign(reader, exam, "amend", json={"why": ""}).status_code == 422
    assert sign(reader, exam, "amend", json={"why": "x", "findings": [{"finding": "none", "decision": "perhaps"}]}).status_code == 422
    missing = sign(reader, exam, "amend", json={"why": "x", "findings": [{"finding": "none", "decision": "accepted"}]})
    assert missing.status_code == 404
    assert sign(reader, exam, "amend", json={"why": "Named the patient"}).json()["number"] == 2


def test_a_draft_is_not_signed(crew, reader):
    begun = reader.post(f"{API}/exams", json={}).json()["id"]
    stated = sign(reader, begun)
    assert (stated.status_code, stated.json()["type"]) == (409, "urn:sonoedge:exam-refused")


def test_on_an_unclaimed_appliance_a_report_stays_preliminary(client: TestClient):
    begun = client.post(f"{API}/exams", json={}).json()["id"]
    client.post(f"{API}/exams/{begun}/end")
    assert client.get(f"{API}/exams/{begun}/report").json()["status"] == "preliminary"
    assert client.post(f"{API}/exams/{begun}/sign", headers={"If-Match": '"2"'}).status_code == 401
