import json
import os
import signal
import subprocess
import sys

import pytest

from firmware_bridge.sources.url import open_source
from firmware_bridge.virtual_probe.__main__ import parser

SONOEDGE = [sys.executable, "-m", "edge.cli"]


def test_list_answers_in_json(sonoedge):
    done = sonoedge("probe", "list", "--json")
    assert done.returncode == 0
    for port in json.loads(done.stdout):
        assert {"url", "path", "usb_id", "serial_number", "model", "speed_mbit", "may_open", "owner"} <= set(port)


def test_an_emulated_probe_is_opened_as_hardware_is(tmp_path):
    link = tmp_path / "probe"
    # A process that a shell starts in the background ignores Ctrl-C, and so would the process of this test.
    hearing = ["env", "--default-signal=INT"]
    with subprocess.Popen(
        [*hearing, *SONOEDGE, "probe", "emulate", "--link", str(link), "--b-lines", "2"], stdout=subprocess.PIPE, text=True
    ) as probe:
        try:
            port = probe.stdout.readline().strip()
            assert os.path.realpath(link) == port
            with open_source(f"serial://{link}") as source:
                assert next(iter(source.frames())).simulated
        finally:
            probe.send_signal(signal.SIGINT)
        assert probe.wait(10) == 0
    assert not link.is_symlink()


def test_a_missing_recording_is_one_line_and_status_2(tmp_path):
    done = subprocess.run([*SONOEDGE, "probe", "emulate", "--input", str(tmp_path / "no.mp4")], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "is not there" in done.stderr


def test_an_emulated_probe_takes_the_options_of_the_url(tmp_path):
    link = tmp_path / "probe"
    command = [*SONOEDGE, "probe", "emulate", "--link", str(link), "--option", "preset=abdomen", "--option", "dead=3,40-41"]
    with subprocess.Popen(["env", "--default-signal=INT", *command], stdout=subprocess.PIPE, text=True) as probe:
        try:
            assert probe.stdout.readline()
            with open_source(f"serial://{link}") as source:
                assert next(iter(source.frames())).settings.preset == "abdomen"
        finally:
            probe.send_signal(signal.SIGINT)


@pytest.mark.parametrize("command", [("replay", "clip.mp4"), ("emulate", "--input", "clip.mp4")])
@pytest.mark.parametrize("lift", [False, True])
def test_a_played_recording_is_lifted_where_asked_for(sonoedge, monkeypatch, command, lift):
    played = []
    monkeypatch.setattr(
        os, "execv", lambda _, words: played.append(parser().parse_args(words[1 + words.index("firmware_bridge.virtual_probe") :]))
    )
    sonoedge("probe", *command, *["--lift"] * lift)
    assert [(str(args.input), args.lift, args.once) for args in played] == [("clip.mp4", lift, False)]


def test_an_invalid_option_of_the_emulated_probe_is_refused():
    done = subprocess.run([*SONOEDGE, "probe", "emulate", "--option", "dead=999"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "elements 0 to 127" in done.stderr
