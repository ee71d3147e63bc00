"""`sonoedge reread` as a command: the same answer with any number of workers, also after a worker dies."""

import json
import os
import shutil
import signal
import subprocess
import sys

import psutil
import pytest

from edge.inference.release import BUILT_IN, ModelRelease
from edge.reread.log import FILE
from firmware_bridge.frame import Frame
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

CLIPS, FRAMES = 6, 40
FINDINGS = {"b_lines", "a_lines", "severity_2_plus"}
OLD = ModelRelease.load(BUILT_IN / "lung-s").ident
NOTICE = "research use, not a diagnosis"
SONOEDGE = [sys.executable, "-m", "edge.cli"]
"""In a process of its own, of which the workers are children."""


@pytest.fixture(scope="module")
def ward(tmp_path_factory, candidate, seal):
    """A folder with recordings, a candidate that finds everything in them, and a folder for the results."""
    ward = tmp_path_factory.mktemp("ward")
    (ward / "clips").mkdir()
    for seed in range(CLIPS):
        record(ward / "clips" / f"{seed}.mcap", Chest(seed + 1, size=128))
    calibration = candidate(ward / "new") / "calibration.json"
    fitted = json.loads(calibration.read_text())
    for finding in fitted["findings"].values():
        finding.update(slope=0.0, offset=9.0)
    calibration.write_text(json.dumps(fitted))
    seal(ward / "new")
    return ward


def record(path, chest):
    recorder = Recorder(path, SourceInfo("virtual://", "chest", Origin.SIMULATED), NOTICE)
    for count in range(FRAMES):
        recorder.frame_waiting(Frame(chest.image(count / 10), count, count * 100_000, 0, chest.geometry, chest.settings, True))
    assert recorder.close().problem is None


@pytest.fixture
def command(ward, tmp_path, monkeypatch):
    """The words of a reread of the ward, with this test's own results folder."""
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SONOEDGE_MODEL", str(BUILT_IN / "lung-s"))

    def words(*more, folder=ward / "clips", release=ward / "new"):
        return ["reread", *map(str, (folder, "--release", release, "--out", tmp_path / "out", *more))]

    return words


def run(words):
    return subprocess.run([*SONOEDGE, *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def expected(ward, tmp_path_factory):
    """The output of one worker, as JSON."""
    words = [ward / "clips", "--release", ward / "new", "--out", tmp_path_factory.mktemp("one"), "--workers", "1", "--json"]
    environment = os.environ | {"SONOEDGE_MODEL": str(BUILT_IN / "lung-s"), "SONOEDGE_DATA_DIR": str(ward / "data")}
    done = subprocess.run([*SONOEDGE, "reread", *map(str, words)], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_json_has_stable_keys_and_every_clip_with_both_answers(expected, ward):
    result = json.loads(expected)
    assert set(result) == {
        "notice",
        "folder",
        "old",
        "new",
        "accepted",
        "read",
        "changed",
        "findings",
        "not_assessable",
        "machine_not_validated",
    } | {
        "then",
        "clips",
        "unread",
    }
    assert (result["notice"], result["folder"], result["read"], result["unread"]) == (NOTICE, str(ward / "clips"), CLIPS, [])
    assert (result["old"]["release"], result["new"]["release"]) == (OLD, "lung-s-9.0.0")
    assert [clip["clip"] for clip in result["clips"]] == [f"{n}.mcap" for n in range(CLIPS)]
    for clip in result["clips"]:
        assert (clip["frames"], clip["simulated"], clip["then"]) == (FRAMES, True, None)
        assert set(clip["new"]["findings"]) == set(clip["old"]["findings"]) == FINDINGS
        assert {each["probability"] for each in clip["new"]["findings"].values()} == {0.999877}
    assert result["changed"] == sum(bool(clip["changed"]) for clip in result["clips"])
    for key in FINDINGS:
        counted = result["findings"][key]["verdicts"]
        assert sum(counted[old][new] for old in counted for new in counted[old]) == CLIPS
        assert set(result["findings"][key]["probability_change"]) == {"least", "p05", "p25", "median", "p75", "p95", "most"}


@pytest.mark.slow
def test_two_workers_give_the_same_bytes_and_a_second_run_reads_nothing(command, expected):
    first, second = run(command("--workers", "2", "--json")), run(command("--json"))
    assert first.stdout == second.stdout == expected
    assert f"clips: {CLIPS}, read before: 0" in first.stderr
    assert f"clips: {CLIPS}, read before: {CLIPS}" in second.stderr
    text = run(command()).stdout
    assert text.startswith(f"lung-s-9.0.0 instead of {OLD}: ")
    assert NOTICE in text.splitlines()[0].lower()


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(command, expected, tmp_path, eventually):
    running = begun(command("--workers", "2", "--json"), tmp_path, eventually)
    victim = next(each for each in psutil.Process(running.pid).children() if "--multiprocessing-fork" in each.cmdline())
    victim.kill()
    out, err = running.communicate()
    assert (running.returncode, out) == (0, expected), err
    assert "Traceback" not in err
    assert lines(tmp_path) == CLIPS


@pytest.mark.slow
def test_a_killed_command_leaves_no_worker_and_the_next_one_reads_only_the_rest(command, expected, tmp_path, eventually):
    running = begun(command("--workers", "2", "--json"), tmp_path, eventually)
    workers = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    saved = lines(tmp_path)
    assert 1 <= saved < CLIPS
    eventually(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in workers), "a worker lives on")
    second = run(command("--workers", "2", "--json"))
    assert second.stdout == expected
    assert f"read before: {saved}\n" in second.stderr
    assert lines(tmp_path) == CLIPS


def begun(words, tmp_path, eventually):
    """The running command, after one clip is saved."""
    running = subprocess.Popen([*SONOEDGE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    eventually(lambda: lines(tmp_path), "nothing was read")
    return running


def lines(tmp_path):
    path = tmp_path / "out" / FILE
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.fixture
def interruptible():
    """Processes of a test receive Ctrl-C, even if the tests themselves run in the background and ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_it_quietly_and_the_results_stay(command, tmp_path, eventually):
    running = begun(command("--workers", "2"), tmp_path, eventually)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to the command and its workers
    out, err = running.communicate()
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert lines(tmp_path) >= 1


@pytest.mark.slow
def test_a_damaged_line_is_reported_and_its_clip_is_read_again(command, expected, tmp_path):
    run(command("--workers", "2"))
    path = tmp_path / "out" / FILE
    path.write_bytes(path.read_bytes().replace(b'"frames": 40', b'"frames": 41', 1))
    again = run(command("--json"))
    assert again.stdout == expected
    assert "line 1 is damaged" in again.stderr
    assert f"read before: {CLIPS - 1}" in again.stderr


@pytest.mark.slow
def test_unreadable_files_are_reported_with_the_readable_ones(command, ward, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    shutil.copy(ward / "clips" / "0.mcap", folder / "good.mcap")
    (folder / "empty.mp4").touch()
    (folder / "notes.txt").write_text("no recording")
    done = run(command("--json", folder=folder))
    result = json.loads(done.stdout)
    assert (done.returncode, [clip["clip"] for clip in result["clips"]]) == (0, ["good.mcap"])
    assert [(each["clip"], each["reason"]) for each in result["unread"]] == [("empty.mp4", "source-unreadable")]
    (folder / "good.mcap").unlink()
    nothing = run(command("--json", folder=folder))
    assert (nothing.returncode, json.loads(nothing.stdout)["clips"]) == (2, [])
    assert nothing.stderr.splitlines()[-1].startswith("sonoedge: No clip of ")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"release": "lung-x-1.0.0"}, "there is no release 'lung-x-1.0.0'"),
        ({"release": "/none"}, "/none/release.json cannot be read"),
        ({"folder": "/none"}, "/none is not there"),
    ],
)
def test_a_missing_input_is_one_line_and_status_2(sonoedge, command, more, message):
    refused(sonoedge(*command(**more)), message)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "message"), [("tcp://127.0.0.1:1", "no Dask scheduler answers at"), ("127.0.0.1:1", "is not the address of a Dask")]
)
def test_a_missing_scheduler_is_one_line_and_status_2(command, address, message):
    refused(run(command("--scheduler", address)), message)


def test_a_damaged_candidate_is_refused_before_anything_is_read(sonoedge, command, ward, tmp_path):
    folder = shutil.copytree(ward / "new", tmp_path / "damaged")
    (path,) = folder.glob("*.tflite")
    path.write_bytes(path.read_bytes()[:-1])
    refused(sonoedge(*command(release=folder)), "is not the file that was released")
    assert not (tmp_path / "out").exists()


def test_workers_and_scheduler_exclude_each_other(sonoedge, command):
    done = sonoedge(*command("--workers", "2", "--scheduler", "tcp://127.0.0.1:1"))
    assert done.returncode == 2
    assert "not both" in done.stderr


def refused(done, message):
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_no_command_imports_dask_before_it_is_needed():
    modules = ", ".join(f"edge.cli.{verb}" for verb in ("infer", "run", "reread", "model", "exam", "doctor"))
    code = f"import sys, {modules}; edge.cli.build('reread'); print({{'dask', 'distributed'}} & {{*sys.modules}})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
