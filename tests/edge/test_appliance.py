"""The whole appliance on a real chain: virtual probe, pty, bridge, model, page."""

import json
import shutil
import socket
import threading
import urllib.request

import pytest
from PIL import Image

from edge.appliance import Appliance
from edge.health.port import PortOccupied
from edge.inference.reader import Reader
from edge.inference.release import BUILT_IN, ModelUnusable
from edge.pipeline.source_state import SourceState
from edge.settings import Settings
from edge.supervisor.table import WORKERS
from firmware_bridge.errors import SourceAbsent, SourceUnknown
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.sources.serial import open_port

CHEST = "virtual://chest?size=128&rendered=4&fps=20"


def settings(tmp_path, source="", **others):
    return Settings(**{"source": source, "port": 0, "data_dir": tmp_path, "threads": 1} | others)


def get(appliance, path):
    with urllib.request.urlopen(appliance.url + path) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module")
def streamed(tmp_path_factory, eventually):
    """An appliance that has streamed for a while: what it showed while it ran, and the appliance itself after its end."""
    with Appliance(settings(tmp_path_factory.mktemp("data"), CHEST)) as appliance:
        eventually(lambda: appliance.counts.read >= 20, "no frames were read")
        shown = {
            "ready": appliance.ready,
            "status": appliance.source_status(),
            "metrics": get(appliance, "metrics"),
            "health": get(appliance, "api/v1/health"),
            "threads": {thread.name for thread in threading.enumerate()},
        }
    return appliance, shown


def test_frames_are_read_and_every_one_is_counted(streamed):
    appliance, _ = streamed
    counts = appliance.counts
    assert counts.read >= 20
    assert counts.received == counts.read + sum(counts.dropped.values())


def test_a_simulated_source_is_shown_as_simulated_everywhere(streamed):
    appliance, shown = streamed
    assert appliance.hub.latest.frame.simulated
    assert appliance.hub.latest.reading.simulated
    assert shown["status"].state is SourceState.STREAMING
    assert shown["status"].info.origin.value == "simulated"
    assert "sonoedge_simulated 1.0" in shown["metrics"]


def test_the_page_answers_while_it_runs(streamed):
    _, shown = streamed
    assert shown["ready"]
    assert json.loads(shown["health"])
    assert 'sonoedge_source_state{state="streaming"} 1.0' in shown["metrics"]


def test_exactly_the_table_of_workers_runs_and_no_thread_is_left(streamed):
    appliance, shown = streamed
    names = {worker.name for worker in WORKERS if worker.job(appliance) is not None}
    assert {"http", "inference", "source"} <= names
    assert names <= shown["threads"]
    assert not names & {thread.name for thread in threading.enumerate()}


def test_an_occupied_port_is_refused_before_anything_starts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortOccupied):
        Appliance(settings(tmp_path, "unknown://", port=other.getsockname()[1]))


@pytest.mark.parametrize(("source", "error"), [("serial:///dev/ttyNONE", SourceAbsent), ("probe://x", SourceUnknown)])
def test_a_source_that_cannot_be_opened_is_refused_at_the_start(tmp_path, source, error):
    with pytest.raises(error):
        Appliance(settings(tmp_path, source))


def test_a_model_that_cannot_be_used_is_refused_at_the_start(tmp_path):
    with pytest.raises(ModelUnusable):
        Appliance(settings(tmp_path, model=tmp_path))


def test_without_a_source_the_page_runs_and_states_what_to_do(tmp_path):
    with Appliance(settings(tmp_path)) as appliance:
        status = appliance.source_status()
        assert get(appliance, "api/v1/health")
    assert status.state is SourceState.FAILED
    assert "--source" in status.fix


def test_a_recording_that_ends_leaves_the_appliance_running(tmp_path, eventually):
    Image.effect_noise((128, 128), 60).save(tmp_path / "lung.png")
    with Appliance(settings(tmp_path, (tmp_path / "lung.png").as_uri())) as appliance:
        eventually(lambda: appliance.source_status().state is SourceState.ENDED and appliance.counts.read, "the recording did not end")
        assert not appliance.wait(0)
    assert (appliance.counts.received, appliance.counts.read) == (1, 1)


def test_a_probe_that_is_pulled_out_is_lost_and_comes_back(tmp_path, plug, eventually):
    plug.plug_in()
    with Appliance(settings(tmp_path, plug.url)) as appliance:
        eventually(lambda: appliance.counts.read, "no frames were read")
        plug.pull_out()
        eventually(lambda: appliance.source_status().state is SourceState.LOST, "the loss was not seen")
        lost = appliance.source_status()
        before = appliance.counts.read
        plug.plug_in()
        eventually(lambda: appliance.counts.read > before + 5, "the probe did not come back")
        back = appliance.source_status()
    assert lost.problem
    assert lost.fix
    assert (back.state, back.problem) == (SourceState.STREAMING, "")


def test_a_board_can_boot_before_its_probe_is_plugged_in(tmp_path, plug, eventually):
    with Appliance(settings(tmp_path, plug.url), wait_for_source=True) as appliance:
        eventually(lambda: appliance.source_status().state is SourceState.LOST, "the absence was not seen")
        plug.plug_in()
        eventually(lambda: appliance.counts.read, "the probe was not found")


def test_a_worker_that_fails_ends_the_appliance_with_its_error(tmp_path, monkeypatch):
    appliance = Appliance(settings(tmp_path, model=BUILT_IN / "lung-s"))
    monkeypatch.setattr(Reader, "warm_up", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        appliance.start()


def test_a_stop_that_is_requested_before_the_start_ends_the_appliance(tmp_path):
    """The start once joined, and the end of `with` joined again and waited for ever for its own lock."""
    appliance = Appliance(settings(tmp_path, model=BUILT_IN / "lung-s"))
    appliance.stop()
    with appliance:
        assert appliance.wait(0)
    appliance.join()
    appliance.join()
    names = {worker.name for worker in WORKERS}
    assert not names & {thread.name for thread in threading.enumerate()}


def test_a_stop_that_ended_before_the_start_began_leaves_nothing_that_the_start_would_open(tmp_path):
    """One of 200 random stops met it: the start continued after another thread had closed everything, and its recorder never ended."""
    appliance = Appliance(settings(tmp_path, record=True, model=BUILT_IN / "lung-s"))
    appliance.join()
    appliance.start()
    assert not {"recorder", *(worker.name for worker in WORKERS)} & {thread.name for thread in threading.enumerate()}
    assert list((tmp_path / "recordings").glob("*")) == []


def test_an_appliance_that_was_never_started_frees_its_port(tmp_path):
    appliance = Appliance(settings(tmp_path, model=BUILT_IN / "lung-s"))
    port = int(appliance.url.rsplit(":", 1)[1].rstrip("/"))
    appliance.join()
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_disk_that_cannot_take_a_recording_is_shown_and_the_appliance_still_starts(tmp_path, eventually):
    (tmp_path / "recordings").write_text("a file where a folder should be")
    with Appliance(settings(tmp_path, CHEST, record=True, model=BUILT_IN / "lung-s")) as appliance:
        eventually(lambda: appliance.counts.read, "no frames were read")
        assert [outage.name for outage in appliance.outages] == ["recording"]


def test_a_damaged_release_is_not_used(tmp_path):
    release = shutil.copytree(BUILT_IN / "lung-s", tmp_path / "release")
    for file in release.glob("*.tflite"):
        file.write_bytes(b"")
    with pytest.raises(ModelUnusable):
        Appliance(settings(tmp_path, model=release))


def test_a_probe_that_comes_back_gets_its_previous_settings(tmp_path, plug, eventually):
    plug.plug_in("--rendered", "0")
    with Appliance(settings(tmp_path, plug.url)) as appliance:
        eventually(lambda: appliance.counts.read, "no frames were read")
        assert appliance.set_source(AcquisitionSettings(depth_mm=90)).depth_mm == 90
        plug.pull_out()
        eventually(lambda: appliance.source_status().state is SourceState.LOST, "the loss was not seen")
        before = appliance.counts.read
        plug.plug_in("--rendered", "0")
        eventually(lambda: appliance.counts.read > before + 5, "the probe did not come back")
        assert appliance.hub.latest.frame.settings.depth_mm == 90


def test_a_fault_has_a_code(tmp_path, plug, eventually):
    with Appliance(settings(tmp_path, plug.url), wait_for_source=True) as appliance:
        eventually(lambda: appliance.source_status().reason == "source-absent", "the absence has no name")
        plug.plug_in()
        eventually(lambda: appliance.counts.read, "the probe was not found")
        plug.pull_out()
        eventually(lambda: appliance.source_status().reason in ("probe-unplugged", "source-absent"), "the loss has no name")


def test_a_port_that_another_program_uses_has_a_code_and_is_opened_when_it_is_free(tmp_path, plug, eventually):
    plug.plug_in()
    by_id = tmp_path / "by-id"
    with Appliance(settings(tmp_path, f"serial://{by_id}"), wait_for_source=True) as appliance:
        with open_port(str(plug.path)):
            by_id.symlink_to(plug.path.resolve())
            eventually(lambda: appliance.source_status().reason == "source-busy", "the status does not state that the port is busy")
            assert appliance.counts.read == 0
        eventually(lambda: appliance.source_status().state is SourceState.STREAMING, "the free port was not taken")
        eventually(lambda: appliance.counts.read > 0, "no frames were read")


def test_another_probe_on_the_same_port_is_read_and_reported_as_another(tmp_path, plug, eventually):
    plug.plug_in("--serial-number", "A-1")
    with Appliance(settings(tmp_path, plug.url)) as appliance:
        eventually(lambda: appliance.counts.read > 0, "no frames were read")
        assert appliance.source_status().reason == ""
        plug.pull_out()
        eventually(lambda: appliance.source_status().state is SourceState.LOST, "the loss was not seen")
        plug.plug_in("--serial-number", "B-2")
        eventually(lambda: appliance.source_status().state is SourceState.STREAMING, "it did not come back")
        status = appliance.source_status()
        assert (status.reason, status.info.serial_number) == ("other-probe", "B-2")
        assert "SonoEdge virtual probe, B-2; the previous one: SonoEdge virtual probe, A-1" in status.problem


def test_the_newest_audit_entry_is_signed_when_the_appliance_stops(tmp_path):
    with Appliance(settings(tmp_path)) as appliance, appliance.store.write() as change:
        newest = change.log("tester", "x.done", "x")
    head = json.loads((tmp_path / "audit_heads.jsonl").read_text().splitlines()[-1])
    assert head["seq"] >= newest.seq
