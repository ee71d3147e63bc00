"""The ledger of model changes in the API: its entries, their signature, and what an activation without one is answered."""

from datetime import timedelta

import pytest

from edge.inference.shelf import Shelf

LEDGER, ACTIVATE = "/api/v1/model/ledger", "/api/v1/model/activate"
IDENT = "lung-s-1.0.0"
NEW = {"release": IDENT, "description": "other thresholds", "protocol": "golden vectors", "impact": "fewer false alarms"}


@pytest.fixture
def own(view, candidate, tmp_path_factory):
    """A release of the hospital on the shelf."""
    shelf = Shelf.of(view.store.path.parent)
    shelf.install(candidate(tmp_path_factory.mktemp("made") / "new", "1.0.0"), {}, unsigned=True)
    return shelf.find(IDENT)


def standing(client):
    return {each["release"]: each["ledger"] for each in client.get("/api/v1/models").json()["releases"]}[IDENT]


def test_the_entries_of_the_program_are_listed(client, view):
    release = view.models.release.ident
    (found,) = client.get(LEDGER, params={"release": release}).json()["entries"]
    assert (found["kind"], found["complete"], found["by"], found["at"]) == ("built-in", True, "the program", None)
    assert all(found[part] for part in ("description", "protocol", "impact"))
    answer = client.get(LEDGER).json()
    assert len(answer["entries"]) == 2
    assert answer["notice"] == "research use, not a diagnosis"


def test_a_signed_entry_opens_the_way_to_its_activation(crew, own):
    assert standing(crew.admin) == "none"
    refused = crew.admin.post(ACTIVATE, json={"release": IDENT})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:sonoedge:ledger-incomplete")
    assert "impact assessment and signature are missing" in refused.json()["detail"]
    assert refused.json()["says"] == {"code": "ledger_none", "params": {"release": IDENT}}
    stated = crew.admin.get("/api/v1/models").json()["refusal"]
    assert (stated["release"], stated["says"]["code"]) == (IDENT, "ledger_none")
    made = crew.admin.post(LEDGER, json=NEW)
    assert made.status_code == 201
    entry = made.json()
    assert (entry["kind"], entry["by"], entry["shadow"], entry["acceptances"]) == ("signed", "Boss (boss)", None, [])
    assert crew.admin.get(LEDGER, params={"release": IDENT}).json()["entries"] == [entry]
    assert standing(crew.admin) == "complete"
    assert crew.admin.post(ACTIVATE, json={"release": IDENT}).json()["release"] == IDENT


@pytest.mark.parametrize("part", ["description", "protocol", "impact"])
def test_an_entry_without_a_part_is_refused(crew, own, part):
    for given in ({key: text for key, text in NEW.items() if key != part}, {**NEW, part: "  "}):
        answer = crew.admin.post(LEDGER, json=given)
        assert (answer.status_code, part in answer.text) == (422, True)
    assert standing(crew.admin) == "none"


def test_an_entry_for_other_files_or_an_unknown_release_is_refused(crew, own):
    other = crew.admin.post(LEDGER, json={**NEW, "release_sha256": "0" * 64})
    assert (other.status_code, other.json()["says"]["code"]) == (422, "ledger_not_these_files")
    assert crew.admin.post(LEDGER, json={**NEW, "release": "nothing"}).status_code == 422


def test_the_second_of_two_entries_at_once_is_refused(crew, own):
    first = crew.admin.post(LEDGER, json=NEW).json()
    assert crew.admin.post(LEDGER, json=NEW).status_code == 412
    second = crew.admin.post(LEDGER, json={**NEW, "supersedes": first["id"]}).json()
    assert second["supersedes"] == first["id"]


def test_an_old_sign_in_needs_the_pin_again(crew, own, view, monkeypatch):
    sign_in, ran = view.people.sign_in, view.people.sign_in._ran
    monkeypatch.setattr(sign_in, "_ran", lambda: ran() + timedelta(minutes=6))
    clock = view.store.clock.machine_time
    monkeypatch.setattr(view.store.clock, "machine_time", lambda: clock() + timedelta(minutes=6))
    answer = crew.admin.post(LEDGER, json=NEW)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:sonoedge:pin-needed")
    assert standing(crew.admin) == "none"
