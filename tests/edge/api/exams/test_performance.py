"""The figures over the API: none yet, computed in the background, and who is refused."""

import time

from edge.feedback.agreement import LEAST

API = "/api/v1"
PATIENCE_S = 240


def test_figures_are_computed_in_the_background_and_dated(client):
    assert client.get(f"{API}/performance").json() | {"notice": ""} == {
        "figures": None,
        "running": False,
        "done": 0,
        "of": 0,
        "failed": False,
        "notice": "",
    }
    begun = client.post(f"{API}/performance")
    assert begun.status_code == 202
    end = time.monotonic() + PATIENCE_S
    while (found := client.get(f"{API}/performance").json())["running"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert not found["failed"]
    assert found["figures"]["least"] == LEAST
    assert [group["judged"] for group in found["figures"]["groups"]] == [[]]
    assert "not a diagnosis" in found["notice"]
