"""`sonoedge exam replay` as a person meets it: zone by zone, with what is missing stated as missing."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.cli.exam import replay_
from edge.exam.manifest import PatientUnknown
from edge.exam.protocol.protocol import ProtocolUnknown
from firmware_bridge.errors import SourceUnreadable

ZONES = ["L1", "L2", "L3", "R1", "R2", "R3"]


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """Two patients: one with a readable, an empty and a foreign clip, one with an empty clip only."""
    for name in ("l1.gif", "l1_2.gif"):
        first, *rest = [Image.fromarray(picture) for picture in np.random.default_rng(5).integers(0, 200, (4, 96, 128), np.uint8)]
        first.save(tmp_path / name, save_all=True, append_images=rest, duration=40)
    (tmp_path / "empty.mp4").write_bytes(b"")
    rows = ["l1.gif,p01,L1", "l1_2.gif,p01,L1", "empty.mp4,p01,L2", "l1.gif,p01,LX", "empty.mp4,p02,R1"]
    (tmp_path / "manifest.csv").write_text("\n".join(["file,patient,zone", *rows]))
    return tmp_path


def test_json_has_every_zone_of_the_protocol_and_stable_keys(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replay_("p1", data=ward, as_json=True)
    stated = json.loads(capsys.readouterr().out)
    assert stated["patient"] == "p01"
    assert stated["notice"] == "research use, not a diagnosis"
    assert [zone["id"] for zone in stated["zones"]] == ZONES
    done, *missing = stated["zones"]
    assert (done["state"], done["clip"], done["frames"]) == ("done", "l1.gif", 4)
    assert 0 <= done["quality"] <= 100
    assert (stated["machine_mark"], done["machine_mark"], missing[0]["machine_mark"]) == (
        "MACHINE NOT VALIDATED",
        "MACHINE NOT VALIDATED",
        "",
    )
    assert {each["key"] for each in done["findings"]} == {"b_lines", "a_lines", "severity_2_plus"}
    for zone in missing:
        assert (zone["state"], zone["findings"], zone["score"], zone["quality"], zone["clip"]) == ("not examined", [], None, None, None)
    assert (stated["sum"]["complete"], stated["sum"]["zones"], stated["sum"]["most"]) == (False, 6, 18)
    assert stated["sum"]["high"] >= 15
    assert [each["clip"] for each in stated["others"]] == ["l1_2.gif"]
    assert [(each["zone"], each["clip"]) for each in stated["unread"]] == [("L2", "empty.mp4")]
    assert [(each["zone"], each["clip"]) for each in stated["strangers"]] == [("LX", "l1.gif")]


def test_text_says_not_examined_and_what_was_left_out(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replay_("p01", data=ward)
    out = capsys.readouterr().out
    assert out.startswith("p01  blue-6 1.0.0  model ")
    assert "research use, not a diagnosis" in out
    lines = {line.split()[0]: line for line in out.splitlines() if line.split()[:1] and line.split()[0] in ZONES}
    assert "Left upper BLUE-point   done" in lines["L1"]
    assert all("not examined" in lines[zone] for zone in ZONES[2:])
    assert "\nNo total yet: " in out
    assert "L1: l1_2.gif (quality " in out
    assert "L2: empty.mp4 could not be read: " in out
    assert "blue-6 has no zone 'LX'" in out


def test_nothing_readable_is_an_error_after_what_was_found(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SourceUnreadable, match="No clip of p02 could be read as a zone of blue-6"):
        replay_("p02", data=ward)
    assert "empty.mp4 could not be read" in capsys.readouterr().out


def test_an_unknown_patient_or_protocol_stops_before_anything_is_read(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PatientUnknown, match="Similar names: p0"):
        replay_("p03", data=ward)
    with pytest.raises(ProtocolUnknown, match="Did you mean lus-8"):
        replay_("p01", protocol="lus8", data=ward)
    assert capsys.readouterr().out == ""


def test_an_unknown_patient_is_one_line_and_status_2(sonoedge, ward: Path) -> None:
    done = sonoedge("exam", "replay", "--patient", "q", "--data", ward)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("sonoedge: ")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_patient_of_covid_blues_is_read_zone_by_zone(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SONOEDGE_DATA", str(data_folder))
    replay_("blues_p01", as_json=True)
    stated = json.loads(capsys.readouterr().out.splitlines()[-1])  # a log line comes first on a slow machine
    assert [(zone["id"], zone["state"]) for zone in stated["zones"]] == [(zone, "done") for zone in ZONES]
    for zone in stated["zones"]:
        assert zone["quality"] > 50
        assert 0 <= zone["score"]["low"] <= zone["score"]["high"] <= 3
    assert stated["sum"]["low"] <= stated["sum"]["high"] <= stated["sum"]["most"] == 18
    assert {each["clip"] for each in stated["others"]} < {"patient_1_R1.mp4", "patient_1_R1_2.mp4"}
