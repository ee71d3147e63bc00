"""A small clinic whose recordings hold text about patients wherever a recording can: in its facts, its settings and its pixels."""

from edge.disk.digest import digest_of
from edge.records.exams.clips import NewClip
from edge.records.exams.reviews import SavedReview
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.machine import Machine
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest
from tests.edge.clinic import KEYS, WINDOW, Clinic

MARK = "ZQ7"
"""In every planted text."""
BURNED = (slice(0, 8), slice(0, 60))
"""Where a name is drawn into every frame, outside the ultrasound."""


class Planted(Clinic):
    """Exams of named patients; the window of each recording is its last frames."""

    def __init__(self, data):
        super().__init__(data)
        self.tells = "geometry"
        """What tells where the ultrasound is in the next recordings: geometry, pixels or nothing."""

    def labelled(self, number, b_lines, *, stated=None, **how):
        """An exam with a blind review; returns it."""
        exam = self.exam(number, 6 * b_lines, **{"name": f"{MARK} Patient No{number}", "frames": 5, **how})
        self.read(exam, stated or ("present" if b_lines else "absent"))
        return exam

    def states_severity(self, exam, verdict):
        """A review that states the severity alone."""
        review = self.begin(exam)
        findings = dict.fromkeys(KEYS, "not assessable") | {"severity_2_plus": verdict}
        answer = SavedReview({"L1": {"findings": findings, "score": None}}, {"scale": "lung-5", "version": "1.0.0", "value": 4}, "", [])
        self.reviews.save("reader", review.id, answer, review.version)

    def _clip(self, folder, chest, time_s, machine, frames):
        path = self.data.exams / folder / "L1.mcap"
        path.parent.mkdir(parents=True)
        info = SourceInfo(f"file:///{MARK}.mp4", f"{MARK} name", Origin.LIVE, MARK, MARK, f"{MARK}-serial", machine=machine)
        recorder = Recorder(path, info, f"{MARK} notice")
        settings = AcquisitionSettings(depth_mm=150.0, preset=f"{MARK} lung")
        shown = Machine("", machine.scanner, machine.probe, f"{MARK} preset")
        for count in range(frames):
            pixels = chest.image(time_s + count / 10).copy()
            if self.tells == "nothing":
                pixels[:] = 90
            pixels[BURNED] = 255
            geometry = {"geometry": chest.geometry} if self.tells == "geometry" else {}
            recorder.frame_waiting(
                Frame(pixels, WINDOW + count, 1_700_000_000_000_000 + count * 100_000, 0, settings=settings, machine=shown, **geometry)
            )
        assert recorder.close().problem is None
        first, last = WINDOW + max(0, frames - 2), WINDOW + frames - 1
        return NewClip("L1", path.name, digest_of(path), path.stat().st_size, first, last, "itself", (), 80.0)


def fan(b_lines=6):
    """The simulated chest of these recordings."""
    return Chest(b_lines, size=200, seed=1)
