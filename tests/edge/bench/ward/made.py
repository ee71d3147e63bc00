"""A small folder of recorded patients in the form of COVID-BLUES: clips of the simulated chest, with labels that a test knows."""

import csv

from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

LUMIFY = Machine("Philips", "Lumify")
FRAMES, STEP_US = 8, 40_000
ZONES = ("L1", "L2", "R1", "R2")
CLIPS = ("file", "patient_or_video_id", "blue_point", "a_lines", "b_lines", "severity")
CLINICAL = (
    *("patient_id", "cov_test", "pat_sex", "pat_age"),
    *("oxygen_saturation_without_ox", "respiratory_rate", "pulse", "body_temperature"),
)


def make_folder(folder, patients=6, zones=ZONES):
    """Each second patient has B-lines in every zone, and a positive test; nobody's saturation is known."""
    (folder / "lus_videos").mkdir(parents=True)
    clips, clinical = [], []
    for number in range(1, patients + 1):
        ill = number % 2 == 0
        for zone in zones:
            file = f"lus_videos/patient_{number}_{zone}.mcap"
            record(folder / file, Chest(6 if ill else 0, size=64, seed=number))
            clips.append((file, f"blues_p{number:02}", zone, "no" if ill else "yes", "yes" if ill else "no", "2" if ill else "0"))
        clinical.append((number, int(ill), "0.0" if ill else "1.0", 30 + number, -99.0, 20.0, 80.0, 37.5))
    write_table(folder / "manifest.csv", CLIPS, clips)
    write_table(folder / "clinical_variables.csv", CLINICAL, clinical)
    return folder


def record(path, chest, frames=FRAMES):
    recorder = Recorder(path, SourceInfo("serial://x", "probe", Origin.LIVE, machine=LUMIFY), "research use, not a diagnosis")
    for count in range(frames):
        image = chest.image(count / 25)
        recorder.frame_waiting(Frame(image, count, count * STEP_US, 0, chest.geometry, chest.settings, machine=LUMIFY))
    assert recorder.close().problem is None


def write_table(path, head, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
