import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image

from edge.cli.infer import infer
from edge.exam.clip import ClipReader
from edge.inference.reader import Reader
from edge.inference.release import BUILT_IN, DEFAULT_RELEASE, ModelRelease, ModelUnusable
from firmware_bridge.errors import SourceAbsent, SourceUnreadable
from firmware_bridge.machine import MachineNameInvalid
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import Chest

LUMIFY = "Philips Lumify"
WITHOUT_LOOK = DEFAULT_RELEASE
"""A release that does not know how the images of its machines look."""
FINDINGS = {"b_lines", "a_lines", "severity_2_plus"}


@pytest.fixture(autouse=True)
def named_model(monkeypatch):
    """Without a name each command chooses by speed, and on a busy machine two commands may choose differently."""
    monkeypatch.setenv("SONOEDGE_MODEL", str(BUILT_IN / "lung-s"))


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A folder with four files: one good clip, one black, one empty, and one that is not a recording."""
    chest = Chest(2, size=200)
    good, *rest = [Image.fromarray(chest.image(number / 25)) for number in range(4)]
    good.save(tmp_path / "good.gif", save_all=True, append_images=rest, duration=40)
    Image.fromarray(np.zeros((96, 128), np.uint8)).save(tmp_path / "black.png")
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "notes.csv").write_text("a,b\n")
    return tmp_path


def test_json_lines_have_stable_keys_for_clips_read_and_unread(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    infer([ward], machine=LUMIFY, model=WITHOUT_LOOK, as_json=True)
    out, err = capsys.readouterr()
    lines = {Path(line["input"]).name: line for line in map(json.loads, out.splitlines())}
    assert set(lines) == {"good.gif", "black.png", "empty.mp4"}
    for line in lines.values():
        assert set(line) >= {"input", "frames", "simulated", "model", "assessable", "reason", "findings", "quality", "times"}
        assert set(line["findings"]) == FINDINGS
        assert line["notice"] == "research use, not a diagnosis"
        assert line["model"] == ModelRelease.load(WITHOUT_LOOK).version
    assert (lines["good.gif"]["frames"], lines["good.gif"]["assessable"], lines["good.gif"]["reason"]) == (4, True, None)
    assert all(0 <= scores["probability"] <= 1 for scores in lines["good.gif"]["findings"].values())
    assert lines["good.gif"]["times"]["invoke_ms"] > 0
    assert (lines["black.png"]["assessable"], lines["black.png"]["reason"]) == (False, "quality")
    assert (lines["empty.mp4"]["frames"], lines["empty.mp4"]["reason"]) == (0, "unreadable")
    assert "is empty (0 bytes)" in lines["empty.mp4"]["detail"]
    assert lines["empty.mp4"]["findings"]["b_lines"] == {"probability": None, "set": ["present", "absent"], "frames": []}
    assert "clips: 3, other files skipped: 1 (.csv 1)" in err


def test_csv_agrees_with_json(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    infer([ward], machine=LUMIFY, as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    infer([ward], machine=LUMIFY, as_csv=True)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["input"] for row in rows] == [line["input"] for line in lines]
    for row, line in zip(rows, lines, strict=True):
        assert row["assessable"] == json.dumps(line["assessable"])
        for finding in FINDINGS:
            probability = line["findings"][finding]["probability"]
            assert row[f"findings.{finding}.probability"] == ("" if probability is None else str(probability))
    assert [row["quality.faults"] for row in rows if row["input"].endswith("black.png")] == ["NO_CONTACT=1"]


def test_text_states_the_notice_and_gives_no_number_for_a_clip_that_cannot_be_assessed(
    ward: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    infer([ward], machine=LUMIFY, model=WITHOUT_LOOK)
    out = capsys.readouterr().out
    assert "research use, not a diagnosis" in out
    lines = {Path(line.split("  ")[0]).name: line for line in out.splitlines()[1:]}
    assert "B-lines" in lines["good.gif"]
    assert "frames 4, good 4" in lines["good.gif"]
    assert "not assessable, quality: The probe is in the air" in lines["black.png"]
    assert "%" not in lines["black.png"]
    assert "not assessable" in lines["empty.mp4"]


def test_frames_that_could_not_be_decoded_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cut.gif"
    first, *rest = [Image.fromarray(picture) for picture in np.random.default_rng(5).integers(0, 200, (6, 96, 128), np.uint8)]
    first.save(path, save_all=True, append_images=rest, duration=40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    infer([path], machine=LUMIFY, as_json=True)
    line = json.loads(capsys.readouterr().out)
    assert 0 < line["frames"] < 6
    assert sum(line["quality"]["lost"].values()) > 0


def test_a_clip_is_read_as_a_frame_at_a_time_would_be(data_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data_folder / "covid_blues" / "lus_videos" / "patient_1_R2.mp4"
    release = ModelRelease.load()
    infer([path], machine=LUMIFY, as_json=True, threads=1, model=release.folder)  # on a busy machine a faster release would be chosen
    line = json.loads(capsys.readouterr().out)
    reader = Reader.load(release)
    clip = ClipReader(reader.release)
    standardiser = reader.standardiser()
    with open_file(path) as source:
        for seen in map(standardiser.take, source.frames()):
            clip.add(seen.quality, reader.infer(seen))
    finding = clip.finding()
    assert line["frames"] == finding.frames == 60
    assert line["assessable"] is True
    assert line["simulated"] is False
    scores = {score.finding: pytest.approx(score.probability, abs=1e-5) for score in finding.scores}
    assert {key: value["probability"] for key, value in line["findings"].items()} == scores


def test_no_readable_clip_is_an_error_after_its_lines(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SourceUnreadable, match="No clip could be read"):
        infer([ward / "empty.mp4", ward / "notes.csv"], as_json=True)
    reasons = [json.loads(line)["reason"] for line in capsys.readouterr().out.splitlines()]
    assert reasons == ["unreadable", "unreadable"]


def test_a_folder_without_a_release_is_refused(ward: Path) -> None:
    with pytest.raises(ModelUnusable):
        infer([ward], model=ward)


def test_json_and_csv_exclude_each_other(ward: Path) -> None:
    with pytest.raises(typer.BadParameter):
        infer([ward], as_json=True, as_csv=True)


def test_a_path_that_is_not_there_has_its_own_line_and_the_others_are_read(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for order in (("good.gif", "absent.mp4"), ("absent.mp4", "good.gif")):
        with pytest.raises(SourceAbsent, match=r"absent\.mp4 is not there"):
            infer([ward / name for name in order], as_json=True)
        lines = {Path(line["input"]).name: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
        assert lines["good.gif"]["frames"] == 4
        assert (lines["absent.mp4"]["code"], lines["absent.mp4"]["frames"]) == ("source-absent", 0)


def test_if_no_path_is_there_all_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceAbsent, match=r"a\.mp4, .*b\.mp4 are not there"):
        infer([tmp_path / "a.mp4", tmp_path / "b.mp4"])


def read(path: Path, capsys: pytest.CaptureFixture[str], machine: str | None, model: Path | None = None) -> dict[str, object]:
    infer([path], as_json=True, machine=machine, model=model)
    line: dict[str, object] = json.loads(capsys.readouterr().out)
    return line


def test_a_clip_of_an_unknown_machine_states_everything_and_decides_nothing(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unknown, lumify = (read(ward / "good.gif", capsys, machine, WITHOUT_LOOK) for machine in (None, LUMIFY))
    assert (unknown["machine"], unknown["machine_by_person"], unknown["machine_validated"]) == ("unknown machine", False, False)
    assert (unknown["assessable"], unknown["reason"], unknown["code"]) == (False, "machine", "MACHINE_NOT_VALIDATED")
    assert (lumify["machine"], lumify["machine_by_person"], lumify["machine_validated"]) == (LUMIFY, True, True)
    for key, finding in unknown["findings"].items():
        assert finding["set"] == ["present", "absent"]
        assert finding["probability"] == lumify["findings"][key]["probability"]


def test_a_clip_that_does_not_look_like_the_stated_machine_is_not_of_a_validated_one(
    ward: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = read(ward / "good.gif", capsys, LUMIFY)
    assert (line["machine"], line["machine_validated"]) == ("Philips Lumify (images differ)", False)
    assert (line["reason"], line["code"]) == ("machine", "MACHINE_DOUBTED")


def test_the_text_names_a_machine_without_validation_and_the_next_step(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    infer([ward / "good.gif"], machine="Acme Scan")
    text = capsys.readouterr().out
    assert "MACHINE NOT VALIDATED: Acme Scan" in text
    assert "A technician can validate the model for this machine" in text


def test_a_machine_that_is_no_name_is_refused_before_anything_is_read(ward: Path) -> None:
    with pytest.raises(MachineNameInvalid, match="10000 characters"):
        infer([ward], machine="x" * 10_000)
