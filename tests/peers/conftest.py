"""A bedside: a patient with a zone for each place of the probe, simulated or recorded."""

import csv
import subprocess
import sys

import pytest

ZONES = ("L1", "L2", "L3", "R1", "R2", "R3")


class Bedside:
    """The patient's side: plugs in a virtual probe for each zone, and one in air between zones."""

    def __init__(self, port, zones):
        self._port, self._zones, self._probe = port, zones, None
        self.source = f"serial://{port}"

    def show(self, zone):
        self._play(*self._zones[zone])

    def lift(self):
        self._play("--air", "1", "--size", "128", "--rendered", "4")

    def _play(self, *arguments):
        self.close()
        command = [sys.executable, "-m", "firmware_bridge.virtual_probe", "--link", self._port, "--with-parent", *arguments]
        self._probe = subprocess.Popen([*map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._probe.stdout.readline()

    def close(self):
        if self._probe is not None:
            self._probe.kill()
            self._probe.wait()
            self._probe.stdin.close()
            self._probe.stdout.close()
            self._port.unlink(missing_ok=True)


def recordings(folder):
    """The recordings of patient blues_p01, by zone."""
    with (folder / "manifest.csv").open(newline="") as file:
        mine = [row for row in csv.DictReader(file) if row["patient_or_video_id"] == "blues_p01"]
    clips = {row["blue_point"]: ("--input", folder / row["file"]) for row in mine}
    assert set(clips) == set(ZONES)
    return clips


@pytest.fixture(params=[True, False], ids=["simulated chest", "blues_p01"])
def bedside(request, tmp_path):
    simulated = {zone: ("--size", "128", "--rendered", "4", "--b-lines", str(i % 4)) for i, zone in enumerate(ZONES)}
    shown = Bedside(tmp_path / "probe", simulated if request.param else recordings(request.getfixturevalue("data_folder") / "covid_blues"))
    shown.simulated = request.param
    yield shown
    shown.close()
