"""The appliance and the usual loop race without any further package; peers that are not there are listed, and the verdict fails."""

import math
import shutil
import sys
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest

from edge.bench.peers.child import Child
from edge.bench.peers.engines.picture import tensor_of
from edge.bench.peers.frames import clip
from edge.bench.peers.job import Job, Refused
from edge.bench.peers.measure import LARGE_TARGETS, TARGETS, PeersFigures, measure, targets
from edge.bench.peers.plain import plain
from edge.bench.peers.table import MAKE, PEERS, USUAL
from edge.bench.verdict import FAIL, judge, passes
from edge.bench.whole import BenchFailed
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.runtime import Interpreter
from edge.vision.prepare import INPUT_SCALE, INPUT_ZERO_POINT

SPEED = {"fps", "ms_p50", "ms_p99", "cpu_s_per_frame", "peak_mb"}


@pytest.fixture(scope="module")
def release():
    return ModelRelease.load(BUILT_IN / "lung-s")


@pytest.fixture(scope="module")
def measured(release, tmp_path_factory):
    """Two rounds of four frames, on a machine without the environment of the peers."""
    return measure(release, 2, python=tmp_path_factory.mktemp("empty") / "python", frames=4)


@pytest.mark.slow
def test_the_usual_loop_runs_beside_the_appliance_without_any_further_package(measured):
    figures = asdict(measured.figures)
    assert set(figures["peers"]) == {USUAL.name}
    for speed in (figures["bare"], figures["ours"], figures["peers"][USUAL.name]):
        assert set(speed) == SPEED
        assert all(math.isfinite(figure) and figure > 0 for figure in speed.values())
    assert 0 <= figures["waited_share"] < 1
    assert figures["usual_over_ours_ms"] == figures["peer_over_ours_ms"][USUAL.name] > 0


@pytest.mark.slow
def test_peers_that_are_not_there_are_named_with_the_command_that_makes_them_and_fail_the_verdict(measured):
    assert set(measured.absent) == {peer.name for peer in PEERS} - {USUAL.name}
    assert MAKE in measured.absent["openvino"]
    assert "PyTorch" in measured.absent["executorch"]
    rows = judge(asdict(measured.figures), targets("lung-s"))
    assert {row.verdict for row in rows if row.name == "peers_missed"} == {FAIL}
    assert not passes(rows)


@pytest.mark.slow
def test_an_engine_of_the_appliance_that_fails_ends_the_benchmark(release, tmp_path):
    broken = ModelRelease.load(shutil.copytree(release.folder, tmp_path / "release"))
    (broken.folder / "novelty.npz").write_bytes(b"")
    with pytest.raises(BenchFailed, match=r"ours did not run.*novelty"):
        measure(broken, 1, python=tmp_path / "none", frames=1)


@pytest.mark.slow
def test_an_engine_that_its_environment_cannot_import_is_refused_with_the_reason(tmp_path):
    with Child(Path(sys.executable), "ncnn_files", tmp_path) as child, pytest.raises(Refused, match="No module named 'ncnn'"):
        child.loaded()


def test_a_process_that_ends_without_an_answer_is_refused(tmp_path):
    with Child(Path("/bin/false"), "usual", tmp_path) as child, pytest.raises(Refused, match="its process ended"):
        child.loaded()


def test_the_large_network_has_its_own_targets():
    assert targets("lung-s") == TARGETS
    assert targets("lung-m") == TARGETS | LARGE_TARGETS


def test_the_plain_copy_gives_the_same_outputs_and_has_its_weights_inside(release, tmp_path):
    copy = tmp_path / "plain.tflite"
    copy.write_bytes(plain(release.path.read_bytes()))
    tensor = np.random.default_rng(1).integers(-128, 128, (1, release.input_side, release.input_side, 1)).astype(np.int8)
    for given, wanted in zip(Interpreter(copy).invoke(tensor), Interpreter(release.path).invoke(tensor), strict=True):
        assert np.array_equal(given, wanted)
    assert plain(copy.read_bytes()) == copy.read_bytes()


def test_the_peers_tensor_has_the_scale_of_the_network():
    job = Job("", "", "", 8, INPUT_SCALE, INPUT_ZERO_POINT)
    for grey in (0, 127, 128, 255):
        tensor = tensor_of(np.full((20, 20), grey, np.uint8), job)
        assert tensor.shape == (1, 8, 8, 1)
        assert np.unique(tensor).tolist() == [grey - 128]


@pytest.mark.slow
def test_the_clip_is_of_the_simulated_chest_at_350_pixels():
    frames = clip()
    assert frames.shape[1:] == (350, 350)
    assert len(np.unique(frames, axis=0)) == len(frames)


def test_every_target_names_a_figure():
    assert set(TARGETS | LARGE_TARGETS) <= {each.name for each in fields(PeersFigures)}
