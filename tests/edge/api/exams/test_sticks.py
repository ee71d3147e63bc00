"""The stick, through the API: what is there, an export that is confirmed, followed and cancelled, and the reviews that come back."""

import fcntl
import os
from datetime import datetime, timezone

import pytest

from edge.disk import mount
from edge.disk.durable import locked, make_folder
from edge.exchange.stick.receiver import make_receiver

API = "/api/v1"


@pytest.fixture(autouse=True)
def media(tmp_path, monkeypatch):
    """The folder in which sticks are mounted."""
    monkeypatch.setattr(mount, "STICKS", (tmp_path / "media",))
    return tmp_path / "media"


@pytest.fixture
def stick(media, other_disk):
    return other_disk(media / "stick")


@pytest.fixture
def keys(stick, tmp_path):
    """A receiver whose public key is on the stick."""
    (tmp_path / "keys").mkdir()
    made = make_receiver("gondar-radiology", tmp_path / "keys", datetime.now(timezone.utc))
    (stick / made.public.name).write_bytes(made.public.read_bytes())
    return made


@pytest.fixture
def exam(crew):
    begun = crew.admin.post(f"{API}/exams", json={"protocol": "blue-6"}).json()["id"]
    crew.admin.post(f"{API}/exams/{begun}/end")
    return begun


@pytest.fixture
def ended(crew, eventually):
    """The work, once it has ended."""

    def wait():
        eventually(lambda: crew.admin.get(f"{API}/sticks/work").json()["ended_at"], "the work did not end")
        return crew.admin.get(f"{API}/sticks/work").json()

    return wait


def wanted(crew, **changed):
    found = crew.admin.get(f"{API}/sticks").json()
    return {"stick": found["sticks"][0]["id"], "receiver": found["receivers"][0]["fingerprint"], "confirmed": True} | changed


def test_without_a_stick_nothing_is_listed(crew):
    assert crew.admin.get(f"{API}/sticks").json() == {"sticks": [], "receivers": []}
    assert crew.admin.get(f"{API}/sticks/work").json() is None
    assert crew.admin.post(f"{API}/sticks/work/cancel").json() is None
    refused = crew.admin.post(f"{API}/sticks/exports", json={"stick": "no stick", "receiver": "x"})
    assert (refused.status_code, refused.json()["says"]["code"]) == (404, "stick_unknown")


def test_the_stick_and_the_key_on_it_are_listed(crew, stick, keys):
    (stick / "x.receiver.json").write_text("x")
    found = crew.admin.get(f"{API}/sticks").json()
    (listed,) = found["sticks"]
    assert (listed["name"], listed["folder"], listed["writable"], listed["unreadable"]) == ("stick", str(stick), True, False)
    assert list(listed["unusable"]) == ["x.receiver.json"]
    (receiver,) = found["receivers"]
    assert (receiver["name"], receiver["fingerprint"]) == ("gondar-radiology", keys.receiver.fingerprint)
    assert (receiver["remembered"], receiver["problem"], receiver["says"]) == (False, "", None)


def test_an_export_is_confirmed_followed_and_its_result_stays(crew, stick, keys, exam, ended):
    refused = crew.admin.post(f"{API}/sticks/exports", json=wanted(crew, confirmed=False))
    assert (refused.status_code, refused.json()["says"]) == (409, {"code": "key_unconfirmed", "params": {"receiver": "gondar-radiology"}})
    begun = crew.admin.post(f"{API}/sticks/exports", json=wanted(crew))
    assert (begun.status_code, begun.json()["kind"], begun.json()["ended_at"]) == (202, "export", None)
    done = ended()
    assert (done["problem"], done["cancelled"], done["receiver"]) == ("", False, "gondar-radiology")
    assert done["fingerprint"] == keys.receiver.fingerprint
    assert (done["written"]["written"], done["written"]["there"], done["received"]) == ([exam], [], None)
    assert done["written"]["bundle"].startswith(str(stick))
    crew.admin.post(f"{API}/sticks/exports", json=wanted(crew, exams=[exam[-12:]], confirmed=False))
    assert ended()["written"]["there"] == [exam]


def test_an_export_from_the_shell_that_runs_meanwhile_is_stated(crew, view, keys, exam, ended):
    work = view.settings.data.stick_work
    make_folder(work)
    with locked(work / "lock", os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX):
        crew.admin.post(f"{API}/sticks/exports", json=wanted(crew))
        assert ended()["says"] == {"code": "stick_busy", "params": {}}
    crew.admin.post(f"{API}/sticks/exports", json=wanted(crew))
    assert ended()["written"]["written"] == [exam]


def test_what_ended_an_export_is_stated_for_translation(crew, stick, keys, exam, ended):
    crew.admin.post(f"{API}/sticks/exports", json=wanted(crew, exams=["no-exam"]))
    done = ended()
    assert (done["says"]["code"], done["written"]) == ("record_unknown", None)
    assert done["fix"]


def test_reviews_are_received_by_an_administrator_only(crew, stick, keys, ended):
    crew.enrol("reader", "interpret")
    chosen = {"stick": wanted(crew)["stick"]}
    assert crew.sign_in("reader").post(f"{API}/sticks/reviews", json=chosen).status_code == 403
    assert crew.admin.post(f"{API}/sticks/reviews", json=chosen).status_code == 202
    done = ended()
    assert (done["kind"], done["receiver"], done["says"]) == ("reviews", "", {"code": "reviews_none", "params": {}})


def test_a_path_of_the_client_is_no_stick(crew, stick, keys):
    for path in (str(stick), "/", "../media/stick"):
        assert crew.admin.post(f"{API}/sticks/exports", json=wanted(crew, stick=path)).status_code in (404, 422)
