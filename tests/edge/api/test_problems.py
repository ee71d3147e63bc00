import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from edge.api import problems
from edge.api.app import create_app
from edge.services.busy import busy
from firmware_bridge.errors import SourceBusy


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/v1/nothing", 404),
        ("delete", "/api/v1/source", 405),
        ("get", "/api/v1/readings?limit=0", 422),
        ("get", "/api/v1/readings?limit=many", 422),
        ("get", "/web/../settings.py", 404),
    ],
)
def test_every_error_is_a_problem_document(client, method, path, status):
    answer = client.request(method, path)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(problem[key] for key in ("type", "title", "detail", "instance", "fix"))


def test_a_refused_value_is_named(client):
    assert "limit" in client.get("/api/v1/readings?limit=0").json()["detail"]


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [(SourceBusy("held", "Close it"), 503, "urn:sonoedge:source-busy"), (KeyError("x"), 500, "about:blank")],
)
def test_our_errors_state_their_fix_and_others_show_no_traceback(view, error, status, kind):
    def fail():
        raise error

    with TestClient(create_app(view, fail), raise_server_exceptions=False) as client:
        answer = client.get("/metrics")
    assert (answer.status_code, answer.json()["type"]) == (status, kind)
    assert "Traceback" not in answer.text
    if status == 503:
        assert answer.json()["fix"] == "Close it"


@pytest.mark.parametrize(("error", "held_back"), [(busy(), [problems.PAUSE_S]), (SourceBusy("held", "Close it"), [])])
def test_a_refusal_to_try_again_is_held_back_and_no_other(view, monkeypatch, error, held_back):
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    def fail():
        raise error

    monkeypatch.setattr(problems, "sleep", sleep)
    with TestClient(create_app(view, fail), raise_server_exceptions=False) as client:
        assert client.get("/metrics").status_code == 503
    assert pauses == held_back


def test_the_traceback_of_a_repeated_failure_is_logged_once(view):
    def fail():
        raise KeyError("x")

    with capture_logs() as logged, TestClient(create_app(view, fail), raise_server_exceptions=False) as client:
        for _ in range(5):
            client.get("/metrics?" + "x" * 5000)
    failures = [line for line in logged if line["event"] == "request failed"]
    assert [line["exc_info"] is None for line in failures] == [False] + 4 * [True]
    assert all("test_problems.py" in line["place"] for line in failures)
