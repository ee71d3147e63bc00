import re

import pytest

from edge.api.app import PAGES
from edge.api.shell import WEB
from edge.supervisor.worker import Outage

API = "/api/v1"


def test_the_page_and_its_modules_are_served_and_load_nothing_from_elsewhere(client):
    files = [file.relative_to(WEB) for file in WEB.rglob("*") if file.is_file()]
    assert files
    for path in [*PAGES, *(f"/web/{file}" for file in files)]:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert not re.search(r"(?:src|href|from|import|url)\W{0,3}https?://", answer.text), path
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == ("no-cache" if path.startswith("/web/") else "no-store")


def test_metrics_are_prometheus_text(client):
    answer = client.get("/metrics")
    assert answer.text == "sonoedge_ready 1\n"
    assert answer.headers["content-type"].startswith("text/plain")


def test_openapi_lists_every_noun_with_a_summary(client):
    answer = client.get("/openapi.json").json()
    assert {path.split("/")[3] for path in answer["paths"]} == {
        *("health", "version", "source", "live", "readings", "recording", "settings"),
        *("model", "models", "probe", "protocols", "skip-reasons", "sticks"),
        *("exams", "patients", "clips", "findings", "reviews", "claim", "sessions", "operators"),
        *("audit", "clock", "notices", "backups", "doctor", "log", "recordings", "feedback", "board", "deliveries", "outbox", "worklist"),
        *("cards", "conditions", "outcomes", "encounters", "performance", "drift"),
        *("differences", "closings"),
    }
    assert all(method["summary"] for path in answer["paths"].values() for method in path.values())


def test_health_answers_although_an_optional_part_does_not_run_and_names_it(client, view):
    assert (client.get("/health").json()["state"], client.get("/health").json()["outages"]) == ("ok", [])
    view.outages = (Outage("audit", "The audit trail is not signed.", "the disk is gone", lasts=True),)
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["state"] == "degraded"
    stated = {
        "name": "audit",
        "silence": "The audit trail is not signed.",
        "cause": "the disk is gone",
        "fix": "",
        "blocks": False,
        "silence_says": None,
        "says": None,
    }
    assert answer.json()["outages"] == [stated]


def test_health_is_not_ready_while_nothing_is_recorded_and_states_why(client, view):
    view.ready = False
    view.outages = (Outage("disk", "Clips are not stored.", "the disk of /data is full", lasts=True, fix="Free some room", blocks=True),)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Clips are not stored. the disk of /data is full"
    assert (answer.json()["type"], answer.json()["fix"]) == ("urn:sonoedge:disk", "Free some room")


@pytest.mark.parametrize("path", ["/health", f"{API}/health"])
def test_health_waits_for_the_warm_up(client, view, path):
    assert client.get(path).json() == {"ready": True, "source": "streaming", "notices": 0, "state": "ok", "outages": []}
    view.ready = False
    answer = client.get(path)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["fix"]


def test_version_and_settings(client, view):
    assert client.get(f"{API}/version").json()["model"] == view.models.release.ident
    assert client.get(f"{API}/settings").json()["jpeg_quality"] == view.settings.jpeg_quality


def test_source_states_the_origin_of_frames_and_the_losses(client, view):
    view.totals.received()
    view.totals.dropped("displaced", 3)
    answer = client.get(f"{API}/source").json()
    assert (answer["state"], answer["origin"], answer["simulated"], answer["losses"]) == (
        "streaming",
        "simulated",
        True,
        {"sequence-gap": 2},
    )
    assert client.get(f"{API}/source/counts").json() == {"received": 1, "read": 0, "dropped": {"displaced": 3}}


def test_readings_are_the_newest_and_oldest_first(client, view):
    for sequence in range(5):
        view.publish(sequence)
    answer = client.get(f"{API}/readings?limit=2").json()
    assert [r["sequence"] for r in answer] == [3, 4]
    assert answer[0]["simulated"] is True
    assert answer[0]["latency_ms"] == 5.0
    assert answer[0]["notice"] == "research use, not a diagnosis"
    assert {f["key"] for f in answer[0]["findings"]} == {"b_lines", "a_lines", "severity_2_plus"}


def test_a_reading_states_its_release_prediction_set_and_novelty(client, view):
    release = view.models.release
    observation = view.publish(1, novelty=release.novelty.limit)
    view.publish(2, novelty=release.novelty.limit + 0.01)
    usual, novel = client.get(f"{API}/readings?limit=2").json()
    assert (usual["release"], usual["model"]) == (release.ident, release.version)
    labels = observation.standing.labels
    sets = [list(f.set_of(observation.probabilities[f.key])) for f in labels]
    assert [f["set"] for f in usual["findings"]] == sets
    assert (usual["novel"], novel["novel"]) == (False, True)
    assert novel["novelty"] == pytest.approx(release.novelty.limit + 0.01, abs=1e-4)


def test_the_probe_is_set_and_its_settings_are_returned(client, view):
    answer = client.put(f"{API}/source/settings", json={"depth_mm": 120})
    assert (view.wanted.depth_mm, view.wanted.gain_db) == (120, None)
    assert (answer.json()["depth_mm"], answer.json()["gain_db"]) == (120, 40)


@pytest.mark.parametrize("wrong", [{"depth_mm": -1}, {"depht_mm": 120}, {"gain_db": "loud"}])
def test_an_unknown_setting_is_refused(client, wrong):
    answer = client.put(f"{API}/source/settings", json=wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
