"""`sonoedge probe record`, `info` and `replay` as commands."""

import json
import socket
import threading
from contextlib import suppress

import numpy as np
import pytest
from mcap.reader import make_reader

from edge.inference.release import BUILT_IN
from firmware_bridge.igtl.encoder import encode
from firmware_bridge.igtl.image import IDENTITY, Image
from firmware_bridge.sources.file import open_file


@pytest.fixture(autouse=True)
def named_model(monkeypatch):
    """Without a name each command chooses by speed, and on a busy machine two commands may choose differently."""
    monkeypatch.setenv("SONOEDGE_MODEL", str(BUILT_IN / "lung-s"))


@pytest.fixture
def readings(sonoedge):
    def read(path):
        done = json.loads(sonoedge("infer", path, "--json").stdout)
        return {key: done[key] for key in ("frames", "findings", "assessable", "simulated", "quality")}

    return read


@pytest.fixture(scope="module")
def chest(sonoedge, tmp_path_factory):
    """Two seconds of the simulated chest, recorded from its probe."""
    out = tmp_path_factory.mktemp("recorded") / "chest.mcap"
    done = sonoedge("probe", "record", out, "--source", "virtual://chest?size=128&rendered=8", "--seconds", 2)
    assert done.returncode == 0, done.stderr
    return out


def test_a_live_probe_is_recorded_with_its_description(sonoedge, chest):
    facts = json.loads(sonoedge("probe", "info", chest, "--json").stdout)
    assert facts["frames"] == facts["seen"] > 0
    assert facts["simulated"]
    assert facts["serial_number"] == "VIRTUAL-1"
    assert facts["geometry"]["shape"] == "curvilinear"
    assert facts["settings"]["depth_mm"] == 140
    with chest.open("rb") as file:
        assert make_reader(file).get_summary().statistics.attachment_count == 0


def test_a_recording_of_a_file_gives_the_same_readings_bit_for_bit(sonoedge, readings, data_folder, tmp_path):
    clip = min((data_folder / "covid_blues").rglob("*.mp4"))
    out = tmp_path / "out.mcap"
    assert sonoedge("probe", "record", "--source", clip.as_uri(), "--seconds", 60, out).returncode == 0
    assert readings(out) == readings(clip)


def test_seconds_count_in_the_recordings_own_time(sonoedge, chest, tmp_path):
    out = tmp_path / "short.mcap"
    assert sonoedge("probe", "record", "--source", chest, "--seconds", 1, out).returncode == 0
    with open_file(chest) as source:
        times_us = [frame.captured_us for frame in source.frames()]
    within = sum(time_us - times_us[0] < 1_000_000 for time_us in times_us)
    assert json.loads(sonoedge("probe", "info", out, "--json").stdout)["frames"] == pytest.approx(within, abs=1)
    assert within < len(times_us)


@pytest.fixture
def igtl_server():
    """Serves one client these bytes, and stays connected until it goes."""
    threads = []

    def serve(data):
        listening = socket.create_server(("127.0.0.1", 0))

        def run():
            with listening, listening.accept()[0] as peer:
                peer.sendall(data)
                with suppress(ConnectionError):
                    while peer.recv(4096):
                        pass

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return f"igtl://127.0.0.1:{listening.getsockname()[1]}"

    yield serve
    for thread in threads:
        thread.join()


def test_a_live_source_without_frames_ends_and_states_why(sonoedge, igtl_server, monkeypatch):
    monkeypatch.setattr("edge.cli.recordings.PATIENCE_S", 0.2)
    facts = json.loads(sonoedge("probe", "info", igtl_server(b""), "--json").stdout)
    assert (facts["seen"], facts["problem"]) == (0, "No frame arrived within 0.2 s.")


def test_a_server_without_checksums_is_described_with_that_fault(sonoedge, igtl_server, monkeypatch):
    monkeypatch.setattr("edge.cli.recordings.LIVE_S", 0.0)
    message = encode(Image(np.full((4, 6, 1), 9, np.uint8), (6, 4), (0, 0), IDENTITY), "Probe")
    facts = json.loads(sonoedge("probe", "info", igtl_server(2 * (message[:50] + bytes(8) + message[58:])), "--json").stdout)
    assert (facts["rows"], facts["columns"], facts["geometry"]["mm_per_px"]) == (4, 6, None)
    assert "sends no checksums" in facts["problem"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("probe", "record", "--source", "file:///none.mp4", "x.mcap"), "is not there"),
        (("probe", "record", "--source", "{chest}", "{chest}"), "there already"),
        (("probe", "record", "--source", "{chest}", "x.mp4"), "does not end in .mcap"),
        (("probe", "info", "nowhere.mcap"), "no scheme"),
    ],
)
def test_a_refused_command_reports_why_with_status_2(sonoedge, chest, arguments, message):
    answer = sonoedge(*(argument.format(chest=chest) for argument in arguments))
    assert answer.returncode == 2
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr
