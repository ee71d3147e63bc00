"""`sonoedge run` and `sonoedge demo` as processes, on a simulated chest and on a real lung."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from firmware_bridge.errors import SourceAbsent
from firmware_bridge.sources.url import parse_url
from tests.ports import free_port

KEYS = {"source", "simulated", "model", "notice", "frames", "findings", "fps", "latency_ms"}


def demo(*arguments):
    command = [sys.executable, "-m", "edge.cli", "demo", "--seconds", "3", "--json", "--port", "0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def check_accounts(summary):
    frames = summary["frames"]
    assert frames["read"] > 0
    assert frames["received"] == frames["read"] + sum(frames["dropped"].values())
    assert set(summary) == KEYS
    assert summary["latency_ms"]["p50"] <= summary["latency_ms"]["p90"] <= summary["latency_ms"]["p99"]
    assert set(summary["findings"]) == {"b_lines", "a_lines", "severity_2_plus"}
    for finding in summary["findings"].values():
        assert 0 <= finding["probability"] <= 1
        assert 0 <= finding["last"] <= 1


def test_a_demo_without_input_shows_a_simulated_chest_and_states_it():
    summary, printed = demo()
    check_accounts(summary)
    assert summary["simulated"] is True
    assert "SIMULATED" in printed
    assert re.search(r"Open http://127\.0\.0\.1:\d+/", printed)
    assert "not a diagnosis" in printed
    assert "not a diagnosis" in summary["notice"]


@pytest.mark.slow
def test_a_demo_of_a_real_lung_goes_through_the_virtual_probe_and_is_not_simulated(data_folder):
    clip = data_folder / "covid_blues/lus_videos/patient_1_R2.mp4"
    summary, printed = demo("--input", str(clip))
    check_accounts(summary)
    assert summary["simulated"] is False
    assert summary["source"].startswith("virtual://")
    assert "SIMULATED" not in printed


def test_json_without_seconds_is_refused(sonoedge):
    done = sonoedge("demo", "--json")
    assert done.returncode == 2
    assert "--seconds" in done.stderr


@pytest.fixture
def begun(sonoedge, tmp_path, monkeypatch):
    """Runs a command up to its appliance; gives what it did before, and the URL of the source."""

    def begin(command, *words):
        done = []

        def make(settings, **_):
            done.append(settings.source)
            raise SourceAbsent("nothing is built here", "Go on")

        monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path))
        monkeypatch.setattr(f"edge.cli.{command}.limit_heap", lambda: done.append("heap limited"))
        monkeypatch.setattr(f"edge.cli.{command}.Appliance", make)
        assert "nothing is built here" in sonoedge(command, *words).stderr
        return done

    return begin


@pytest.mark.parametrize("command", ["run", "demo"])
def test_freed_memory_goes_back_to_the_system_from_the_start_of_an_appliance_on(begun, command):
    before, _ = begun(command)
    assert before == "heap limited"


@pytest.mark.parametrize(("words", "option"), [((), "stay_s"), (("--input", "clip.mp4"), "lift")])
def test_the_probe_of_a_demo_is_lifted_so_that_an_exam_goes_from_zone_to_zone(begun, words, option):
    *_, source = begun("demo", *words)
    assert float(parse_url(source).options[option]) > 0


@pytest.mark.parametrize("end", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
def test_run_serves_until_a_signal_ends_it(end):
    command = [sys.executable, "-m", "edge.cli", "run", "--port", "0", "--source", "virtual://chest?size=128&rendered=4"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        printed = running.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/", printed)[0]
        with urllib.request.urlopen(url + "api/v1/health") as answer:
            assert answer.status == 200
        running.send_signal(end)
        _, errors = running.communicate()
    assert running.returncode == 0
    assert "Traceback" not in errors
    assert "not a diagnosis" in printed


def test_run_shows_the_one_time_code_of_the_operator_command_and_its_page(tmp_path):
    with run(tmp_path, 'source = "virtual://chest?size=128&rendered=4"\nport = 0\n') as running:
        url = re.search(r"http://\S+/", running.stdout.readline())[0]
        invited = running.stdout.readline()
        running.send_signal(signal.SIGTERM)
        _, logged = running.communicate()
    environment = {**os.environ, "SONOEDGE_SETTINGS": str(tmp_path / "settings.toml"), "SONOEDGE_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-m", "edge.cli", "operator", "code"]
    code = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    assert f"{url}welcome" in invited
    assert invited.endswith(f"{code}\n")
    assert code in logged


SETTINGS = 'sourc = "virtual://"\nport = {port}\n'


def run(folder, text, *arguments, **variables):
    file = folder / "settings.toml"
    file.write_text(text)
    environment = {**os.environ, "SONOEDGE_SETTINGS": str(file), "SONOEDGE_DATA_DIR": str(folder / "data"), **variables}
    command = [sys.executable, "-m", "edge.cli", "run", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def health(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
    except OSError:
        return 0, {}


@pytest.mark.slow
def test_on_a_terminal_a_start_that_fails_ends_with_one_line(tmp_path):
    with run(tmp_path, SETTINGS.format(port=0)) as running:
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert errors.startswith("sonoedge: 'sourc' in ")
    assert "Did you mean source" in errors
    assert "Traceback" not in errors


@pytest.mark.slow
@pytest.mark.parametrize("how", ["option", "systemd"])
def test_as_a_service_a_failed_start_is_explained_at_the_same_address_until_a_signal_ends_it(tmp_path, eventually, how):
    port = free_port()
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    given = (["--serve-errors"], {}) if how == "option" else ([], {"NOTIFY_SOCKET": str(tmp_path / "notify")})
    with manager, run(tmp_path, SETTINGS.format(port=port), *given[0], **given[1]) as running:
        eventually(lambda: health(port)[0] == 503, "nobody answers")
        problem = health(port)[1]
        if how == "systemd":
            state = manager.recv(4096).decode()
            assert state.startswith("READY=1\nSTATUS=cannot start: 'sourc'")
        running.send_signal(signal.SIGTERM)
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 0
    assert problem["type"] == "urn:sonoedge:settings-invalid"
    assert "Did you mean source" in problem["fix"]
    assert "sonoedge: 'sourc' in " in errors
    assert "Traceback" not in errors


@pytest.mark.slow
@pytest.mark.parametrize("second", [["run", "--port", "0"], ["demo", "--port", "0", "--seconds", "1"]], ids=["run", "demo"])
def test_a_second_appliance_on_the_same_data_folder_ends_with_one_line_that_names_the_first(tmp_path, second):
    with run(tmp_path, "", "--port", "0") as first:
        assert first.stdout.readline()
        environment = {**os.environ, "SONOEDGE_DATA_DIR": str(tmp_path / "data")}
        command = [sys.executable, "-m", "edge.cli", *second]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        listed = subprocess.run([sys.executable, "-m", "edge.cli", "backup", "list"], env=environment, capture_output=True, check=False)
        first.send_signal(signal.SIGTERM)
        first.communicate()
    assert done.returncode == 2
    assert re.fullmatch(rf"sonoedge: an appliance \(pid {first.pid}\) already runs on .*", done.stderr.strip())
    assert listed.returncode == 0
