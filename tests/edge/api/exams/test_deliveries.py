"""What is sent to the hospital, through the API: sent by a touch, seen, tried again and cancelled."""

import pytest
import yaml

API = "/api/v1"
PACS = {"kind": "dicom", "name": "pacs", "host": "127.0.0.1", "port": 1, "ae_title": "PACS"}
SIGNED = {"If-Match": '"2"'}


@pytest.fixture
def reader(crew):
    crew.enrol("reader", "interpret", "scan")
    return crew.sign_in("reader")


@pytest.fixture
def exam(view, reader):
    """A signed exam of a hospital with one peer."""
    (view.settings.data_dir / "hospital.yaml").write_text(yaml.safe_dump({"peers": [PACS]}))
    begun = reader.post(f"{API}/exams", json={"protocol": "blue-6"}).json()["id"]
    reader.post(f"{API}/exams/{begun}/end")
    review = reader.post(f"{API}/exams/{begun}/reviews").json()
    answer = {"zones": {}, "quality": {"scale": "lung-5", "version": "1.0.0", "value": 3}}
    reader.put(f"{API}/reviews/{review['id']}", json=answer, headers={"If-Match": '"1"'})
    return begun


def sign(reader, exam):
    seen = reader.get(f"{API}/exams/{exam}").headers["etag"]
    assert reader.post(f"{API}/exams/{exam}/sign", headers={"If-Match": seen}).status_code == 200


def test_an_exam_is_sent_by_a_touch_once_and_its_state_is_answered(reader, exam):
    refused = reader.post(f"{API}/exams/{exam}/deliveries", json={})
    assert (refused.status_code, refused.json()["says"]["code"]) == (409, "unsigned_not_sent")
    sign(reader, exam)
    assert reader.get(f"{API}/exams/{exam}/deliveries").json() == {"peers": ["pacs"], "deliveries": []}, "it is simulated"
    first, again = (reader.post(f"{API}/exams/{exam}/deliveries", json={"peers": ["pacs"]}) for _ in range(2))
    assert (first.status_code, first.json()) == (202, again.json())
    (sent,) = reader.get(f"{API}/exams/{exam}/deliveries").json()["deliveries"]
    assert (sent["state"], sent["report"], sent["peer"], sent["objects"]) == ("waiting", 1, "pacs", 0)
    assert reader.get(f"{API}/deliveries").json()["items"] == reader.get(f"{API}/deliveries?state=waiting").json()["items"] == [sent]
    assert reader.get(f"{API}/deliveries?state=refused").json()["items"] == []
    assert reader.get(f"{API}/outbox").json() == {"peers": ["pacs"], "states": {"waiting": 1}}
    assert reader.get(f"{API}/deliveries/{sent['id']}").json() == {**sent, "manifest": []}


def test_a_delivery_is_cancelled_once_and_tried_again(reader, exam):
    sign(reader, exam)
    (sent,) = reader.post(f"{API}/exams/{exam}/deliveries", json={}).json()
    cancelled = reader.post(f"{API}/deliveries/{sent['id']}/cancel").json()
    assert (cancelled["state"], cancelled["ended_by"]) == ("cancelled", "Name of reader (reader)")
    twice = reader.post(f"{API}/deliveries/{sent['id']}/cancel")
    assert (twice.status_code, twice.json()["says"]) == (412, {"code": "delivery_state", "params": {"state": "cancelled"}})
    assert reader.post(f"{API}/deliveries/{sent['id']}/retry").json()["state"] == "waiting"


def test_what_is_not_there_is_stated(reader, exam):
    sign(reader, exam)
    assert reader.get(f"{API}/deliveries/none").status_code == 404
    assert reader.post(f"{API}/deliveries/none/retry").status_code == 404
    assert reader.get(f"{API}/exams/none/deliveries").status_code == 404
    unknown = reader.post(f"{API}/exams/{exam}/deliveries", json={"peers": ["elsewhere"]})
    assert (unknown.status_code, unknown.json()["says"]["params"]) == (409, {"wanted": "elsewhere"})
