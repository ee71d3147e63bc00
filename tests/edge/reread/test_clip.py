"""Which clips are found: those of an exam on the simulated chest, as the desk keeps it, and others beside them."""

import json
import shutil

import pytest

from edge.exam.protocol.file import Catalogue, load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.live_zone import Surroundings
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.records.exams.file import FILE
from edge.reread.answer import Unread
from edge.reread.clip import RecordedClip, clips_in
from edge.reread.read import read
from edge.services.book import ExamBook
from edge.services.exam import ExamService
from edge.vision.standardise import ANY
from firmware_bridge.errors import SourceAbsent, SourceUnreadable
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

CATALOGUE = load_catalogue()
CHEST = Chest(2, size=200)


@pytest.fixture
def exams(tmp_path, store, scan, eventually):
    """One exam whose first zone is done, with its clip."""
    around = Surroundings(lambda: SourceInfo("virtual://", "chest", Origin.SIMULATED), lambda asked: asked)
    stored = StoredExams(store, tmp_path / "exams")
    desk = ExamService(ExamBook(stored), stored, CATALOGUE, "blue-6", around)
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 35)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    desk.end(ANYONE)
    desk.close()
    return tmp_path / "exams"


def edit(exams, change):
    (path,) = exams.glob(f"*/{FILE}")
    stated = json.loads(path.read_text())
    change(stated)
    path.write_text(json.dumps(stated))


def test_an_exams_clip_has_its_zone_window_limits_and_the_answer_of_then(exams):
    (clip,) = clips_in(exams, CATALOGUE)
    assert isinstance(clip, RecordedClip)
    assert clip.zone == "L1"
    assert clip.name == str(clip.path.relative_to(exams))
    assert clip.window.last > clip.window.first
    asked = CATALOGUE.named("blue-6").acquisition("L1")
    assert (clip.limits.depth_mm, clip.limits.presets) == (asked.depth_mm, asked.presets)
    assert set(clip.then.findings) == {"b_lines", "a_lines", "severity_2_plus"}
    assert {reported.probability for reported in clip.then.findings.values()} != {0.0}


def test_the_window_of_an_exams_clip_is_what_is_read_again(exams, job_of):
    (clip,) = clips_in(exams, CATALOGUE)
    outcome = read(job_of(clip.path, zone=clip.zone, window=clip.window, limits=clip.limits, then=clip.then))
    assert outcome.frames == clip.window.last - clip.window.first + 1
    assert outcome.simulated


def test_a_clip_that_was_taken_again_does_not_speak_for_its_zone(exams):
    def again(stated):
        stated["clips"].append(stated["clips"][0])

    (path,) = exams.glob(f"*/{FILE}")
    shutil.copy(path.parent / "L1.mcap", path.parent / "L1-1.mcap")
    edit(exams, again)
    edit(exams, lambda stated: stated["clips"][1].update(file="L1-1.mcap"))
    first, second = sorted(clips_in(exams, CATALOGUE), key=lambda clip: clip.name != f"{path.parent.name}/L1.mcap")
    assert first.then is None
    assert second.then is not None


def test_a_zone_without_a_recording_is_reported(exams, recordings):
    shutil.copy(recordings / "chest-1.mcap", exams / "other.mcap")
    edit(exams, lambda stated: stated["clips"].append({**stated["clips"][0], "zone": "L2", "file": ""}))
    edit(exams, lambda stated: stated["clips"].append({**stated["clips"][0], "zone": "L3", "file": "gone.mcap"}))
    found = clips_in(exams, CATALOGUE)
    assert [each.problem.split(" has")[0] for each in found if isinstance(each, Unread)] == ["zone L2", "zone L3"]
    whole = next(each for each in found if isinstance(each, RecordedClip) and each.name == "other.mcap")
    assert (whole.zone, whole.window, whole.limits, whole.then) == ("", None, ANY, None)


@pytest.mark.parametrize("content", ["", "{", '{"protocol": "blue-6"}'])
def test_the_clips_of_an_exam_whose_record_is_damaged_are_reported_and_never_read_as_something_else(exams, content):
    (path,) = exams.glob(f"*/{FILE}")
    path.write_text(content)
    (found,) = clips_in(exams, CATALOGUE)
    assert isinstance(found, Unread)
    assert str(path) in found.problem


def test_the_clips_of_a_protocol_whose_file_is_gone_are_read_by_the_text_in_the_exams_folder(exams):
    (found,) = clips_in(exams, Catalogue((), ()))
    assert found.limits == clips_in(exams, CATALOGUE)[0].limits


def test_the_clips_of_a_protocol_that_is_nowhere_are_reported(exams):
    edit(exams, lambda stated: stated.pop("protocol_text"))
    (found,) = clips_in(exams, Catalogue((), ()))
    assert (found.code, "blue-6" in found.problem) == ("protocol-unknown", True)


def test_a_folder_and_a_file_of_recordings(recordings):
    assert [clip.name for clip in clips_in(recordings, CATALOGUE)] == [f"chest-{n}.mcap" for n in range(1, 5)]
    assert [clip.name for clip in clips_in(recordings / "chest-2.mcap", CATALOGUE)] == ["chest-2.mcap"]


def test_no_folder_and_an_empty_one_are_reported(tmp_path):
    with pytest.raises(SourceAbsent):
        clips_in(tmp_path / "none", CATALOGUE)
    with pytest.raises(SourceUnreadable):
        clips_in(tmp_path, CATALOGUE)
