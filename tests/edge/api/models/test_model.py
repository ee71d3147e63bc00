"""Releases in the API, and the refusals; a change under load is tested on the running appliance."""

import pytest

from edge.inference.release import BUILT_IN, ModelRelease

API = "/api/v1"
MIDDLE, SMALL = (ModelRelease.load(BUILT_IN / name).ident for name in ("lung-m", "lung-s"))


def test_the_active_release_is_described_and_its_card_is_a_page_without_scripts(client, view):
    release = view.models.release
    model = client.get(f"{API}/model").json()
    assert (model["ident"], model["sha256"], model["input_side"]) == (release.ident, release.sha256, release.input_side)
    assert [f["key"] for f in model["findings"]] == [f.key for f in release.findings]
    assert (model["alpha"], model["operators"], model["licence"]) == (release.alpha, list(release.operators), release.licence)
    assert model["data"][0]["licence"] == release.data[0].licence
    card = client.get("/model-card")
    assert (card.text, model["card"]) == (release.card, release.card)
    assert card.headers["content-type"].startswith("text/html")
    policy = card.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert "sandbox" in policy


def test_all_releases_are_listed_with_the_reason_for_the_active_one(client, view):
    answer = client.get(f"{API}/models").json()
    assert answer["active"] == view.models.release.ident
    assert answer["why"]
    assert {each["release"] for each in answer["releases"] if each["built_in"]} >= {MIDDLE, SMALL}
    assert [each["release"] for each in answer["releases"] if each["active"]] == [answer["active"]]
    assert (answer["previous"], answer["shadow"], answer["refusal"]) == (None, None, None)
    assert answer["measured"][0]["invoke_ms"] > 0


@pytest.mark.parametrize("wrong", [{}, {"release": ""}, {"release": 3}, {"release": "x", "force": True}, {"release": None}])
def test_an_invalid_release_name_is_refused(client, wrong):
    answer = client.post(f"{API}/model/activate", json=wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("ident", ["nope", "../../etc", "lung-s-9.9.9", "/etc/passwd", ".."])
def test_an_absent_release_is_refused_with_a_list_of_those_present(client, view, ident):
    before = view.models.release
    answer = client.post(f"{API}/model/activate", json={"release": ident})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:sonoedge:model-unusable")
    assert MIDDLE in answer.json()["fix"]
    assert view.models.release is before
    refusal = client.get(f"{API}/models").json()["refusal"]
    assert (refusal["release"], refusal["problem"]) == (ident, answer.json()["detail"])


def test_without_an_activation_there_is_no_rollback(client):
    answer = client.post(f"{API}/model/rollback")
    assert answer.status_code == 422
    assert "no release to go back to" in answer.json()["detail"]


def test_a_release_is_changed_without_frames_too(client, view, monkeypatch):
    monkeypatch.setattr("edge.services.model.FIRST_FRAME_S", 0.01)
    answer = client.post(f"{API}/model/activate", json={"release": "lung-s"}).json()
    assert (answer["release"], answer["switched_ms"], answer["lasts"]) == (SMALL, None, True)
    assert client.get(f"{API}/model").json()["ident"] == SMALL


def test_a_shadow_is_started_and_stopped(client):
    assert client.get(f"{API}/model/shadow").json()["release"] is None
    assert client.put(f"{API}/model/shadow", json={"release": "lung-s"}).json()["release"] == SMALL
    assert client.get(f"{API}/models").json()["shadow"] == SMALL
    assert client.put(f"{API}/model/shadow", json={"release": "nope"}).status_code == 422
    assert client.get(f"{API}/model/shadow").json()["release"] == SMALL
    assert client.put(f"{API}/model/shadow", json={"release": None}).json()["release"] is None
    assert client.put(f"{API}/model/shadow", json={}).status_code == 422
