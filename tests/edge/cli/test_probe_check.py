"""`sonoedge probe check` on the virtual probe, through a real pty."""

import json
from functools import partial

import pytest


@pytest.fixture
def check(sonoedge, tmp_path, monkeypatch):
    """Runs `sonoedge probe check` with data of its own."""
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    return partial(sonoedge, "probe", "check", "--source")


FAST = "fps=0&rendered=30"


def test_dead_elements_are_located_and_the_probe_is_not_to_be_used(check):
    done = check(f"virtual://?dead=40-41&{FAST}")
    assert done.returncode == 4
    assert done.stdout.startswith("DO NOT USE  SIMULATED  research use, not a diagnosis")
    assert "element 40-41" in done.stdout
    assert "Traceback" not in done.stderr
    profile, marks = done.stdout.splitlines()[-2:]
    assert marks.index("x") == profile.index(min(profile[2:66])) == 2 + 40 // 2


@pytest.mark.slow
def test_a_healthy_probe_passes_and_a_loss_is_seen_against_its_baseline(check, tmp_path):
    out = tmp_path / "all.json"
    healthy = check(f"virtual://?{FAST}")
    air = check(f"virtual://?air=1&{FAST}", "--json")
    weak = check(f"virtual://?air=1&loss_db=3&{FAST}", "--json", "--export", str(out))
    assert (healthy.returncode, air.returncode, weak.returncode) == (0, 0, 3)
    assert json.loads(air.stdout)["is_baseline"]
    done = json.loads(weak.stdout)
    assert done["reasons"][0]["code"] == "WEAKER"
    assert done["loss"] == pytest.approx(3 * 255 / 58, rel=0.1)
    assert [one["verdict"] for one in json.loads(out.read_text())] == ["pass", "pass", "watch"]
    assert check(f"virtual://?air=1&{FAST}", "--new-baseline").stdout.count("new baseline") == 1


def test_cannot_tell_is_not_a_pass(check):
    done = check("virtual://?frozen=1&fps=0&rendered=2")
    assert done.returncode == 5
    assert "CAN'T TELL" in done.stdout
    assert "Unfreeze" in done.stdout


def test_the_chosen_mode_is_used(check, tmp_path):
    from PIL import Image

    Image.new("L", (64, 64), 40).save(tmp_path / "still.png")
    message = check(str(tmp_path / "still.png"), "--mode", "air")
    assert message.returncode == 5
    assert "25 in air are needed" in message.stdout
    assert "no serial number" in message.stdout


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("virtual://?dead=999", [], "elements 0 to 127"),
        ("serial:///dev/nothing", [], "is not there"),
        ("virtual://", ["--mode", "water"], "water"),
        ("virtual://", ["--elements", "2"], "16"),
    ],
)
def test_an_invalid_request_is_refused_with_status_2(check, source, options, message):
    refused = check(source, *options)
    assert refused.returncode == 2
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr
