"""An exam on frames of the simulated chest: what is kept, what is asked, what is on disk, and what is taken up again."""

import json
from dataclasses import replace

import pytest

from edge.exam.exam import ExamRefused, SkipReason
from edge.exam.exam_file import ExamNotKept
from edge.exam.gate import GateState
from edge.exam.protocol_file import load_catalogue
from edge.exam_desk import ExamDesk, Surroundings
from edge.inference.release import BUILT_IN, ModelRelease
from firmware_bridge.errors import ProbeSilent
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

CHEST = Chest(2, size=200)
IN_AIR = replace(CHEST, faults=Faults(air=1.0))
SHALLOW = replace(CHEST, depth_mm=60.0)
ENOUGH = 35
"""Frames at ten a second: more than BLUE-6's three seconds."""


class Probe:
    """A probe that is asked to be set."""

    def __init__(self, answer):
        self.asked = []
        self._answer = answer

    def push(self, wanted):
        self.asked.append(wanted)
        return self._answer(wanted)


def obeys(wanted):
    return replace(wanted, preset="lung")


def refuses(wanted):
    raise ProbeSilent("it does not answer", "Restart it")


@pytest.fixture
def desk_of(tmp_path):
    made = []

    def make(answer=obeys, protocol="blue-6"):
        probe = Probe(answer)
        around = Surroundings(lambda: SourceInfo("virtual://", "chest", Origin.SIMULATED), probe.push)
        desk = ExamDesk(tmp_path / "exams", load_catalogue(), protocol, around)
        made.append(desk)
        return desk, probe

    yield make
    for desk in made:
        desk.close()


def record_of(tmp_path):
    (path,) = (tmp_path / "exams").glob("*/exam.json")
    return path.parent, json.loads(path.read_text())


def test_a_good_zone_keeps_its_clip_by_itself_and_the_clip_is_on_disk_before_it_is_shown(desk_of, scan, eventually, tmp_path):
    desk, _ = desk_of()
    desk.begin()
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.exam.selected == "L2"
    folder, record = record_of(tmp_path)
    (clip,) = record["clips"]
    assert (clip["zone"], clip["by"]) == ("L1", "itself")
    assert clip["window"]["last"] - clip["window"]["first"] >= 28
    with open_file(folder / clip["file"]) as source:
        sequences = [frame.sequence for frame in source.frames()]
    assert set(range(clip["window"]["first"] + 1, clip["window"]["last"] + 1)) <= set(range(1, ENOUGH + 1))
    assert len(sequences) >= 28


def test_the_next_zone_is_not_taken_from_where_the_probe_still_lies(desk_of, scan, eventually):
    desk, _ = desk_of()
    desk.begin()
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    scan.show(desk, CHEST, 2 * ENOUGH)
    assert desk.status.exam.done == 1
    assert desk.status.advice.code == "NEXT_ZONE"
    scan.show(desk, IN_AIR, 5)
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 2, "the second zone was not kept")


def test_a_clip_never_mixes_two_releases_and_the_zone_that_begins_again_says_so(desk_of, scan, eventually):
    desk, _ = desk_of()
    desk.begin()
    scan.show(desk, CHEST, 20)
    assert desk.status.held_s > 1
    scan.release = ModelRelease.load(BUILT_IN / "lung-s")
    scan.show(desk, CHEST, 1)
    assert desk.status.held_s == 0
    assert (desk.status.problem.code, scan.release.ident in desk.status.problem.what) == ("zone-taken-again", True)
    scan.show(desk, CHEST, 20)
    assert desk.status.exam.done == 0, "frames of the release before were counted"
    scan.show(desk, CHEST, ENOUGH - 20)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.problem is None


def test_what_is_kept_by_hand_is_of_the_release_that_reads_now(desk_of, scan):
    desk, _ = desk_of()
    desk.begin()
    scan.show(desk, CHEST, 20)
    scan.release = ModelRelease.load(BUILT_IN / "lung-s")
    scan.show(desk, CHEST, 5)
    desk.keep()
    assert desk.status.exam.zones["L1"].finding.frames == 5


def test_in_the_air_nothing_is_kept_and_nothing_is_recorded(desk_of, scan, tmp_path):
    desk, _ = desk_of()
    desk.begin()
    scan.show(desk, IN_AIR, ENOUGH)
    assert desk.status.exam.done == 0
    folder, _ = record_of(tmp_path)
    assert not list(folder.glob("*.mcap"))


def test_a_probe_that_is_set_wrongly_is_set_once_and_takes_the_zone(desk_of, scan, eventually):
    desk, probe = desk_of(obeys)
    desk.begin()
    scan.show(desk, SHALLOW, 3)
    eventually(lambda: probe.asked, "the probe was not asked")
    assert probe.asked[0].depth_mm == 80
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.exam.overridden == 0
    assert len(probe.asked) == 1


def test_where_the_probe_does_not_obey_the_operator_is_asked_and_may_record_anyway(desk_of, scan, eventually, tmp_path):
    desk, _ = desk_of(refuses)
    desk.begin()
    scan.show(desk, SHALLOW, 3)
    eventually(lambda: desk.status.gate.state is GateState.REFUSED, "nobody was asked")
    scan.show(desk, SHALLOW, ENOUGH)
    assert desk.status.advice.code == "TOO_SHALLOW"
    assert desk.status.exam.done == 0
    desk.record_anyway()
    scan.show(desk, SHALLOW, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.exam.overridden == 1
    _, record = record_of(tmp_path)
    assert record["exam"]["zones"]["L1"]["overridden"] == ["TOO_SHALLOW"]


def test_an_open_exam_is_taken_up_where_it_was_and_an_ended_one_is_not(desk_of, scan, eventually, tmp_path):
    desk, _ = desk_of()
    desk.begin("lus-8")
    desk.skip(desk.status.exam.selected, SkipReason.PAIN, "")
    scan.show(desk, CHEST, 60)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    desk.close()
    again, _ = desk_of()
    assert again.status.running
    assert again.status.exam.protocol.id == "lus-8"
    assert (again.status.exam.done, again.status.exam.skipped) == (1, 1)
    assert again.status.exam.zones == desk.status.exam.zones
    again.end()
    assert not desk_of()[0].status.running


def test_an_exam_that_cannot_be_taken_up_is_told_and_kept(desk_of, tmp_path):
    desk, _ = desk_of()
    desk.begin()
    desk.close()
    folder, _ = record_of(tmp_path)
    (folder / "exam.json").write_text("{")
    again, _ = desk_of()
    assert not again.status.running
    assert "cannot be read" in again.status.problem.what
    again.begin()
    assert (folder / "exam.json").read_text() == "{"


def test_what_there_is_can_be_kept_by_hand_and_nothing_cannot(desk_of, scan):
    desk, _ = desk_of()
    with pytest.raises(ExamRefused, match="Nothing of this zone"):
        desk.keep()
    desk.begin()
    with pytest.raises(ExamRefused, match="Nothing of this zone"):
        desk.keep()
    scan.show(desk, CHEST, 5)
    desk.keep()
    assert desk.status.exam.done == 1


def test_a_zone_is_not_shown_as_done_that_the_disk_did_not_take(desk_of, scan, tmp_path):
    desk, _ = desk_of()
    desk.begin()
    scan.show(desk, CHEST, 5)
    folder, before = record_of(tmp_path)
    (folder / "exam.json.new").mkdir()
    with pytest.raises(ExamNotKept):
        desk.keep()
    assert desk.status.exam.done == 0
    assert record_of(tmp_path)[1] == before
    (folder / "exam.json.new").rmdir()
    scan.show(desk, CHEST, 5)
    desk.keep()
    assert desk.status.exam.done == 1


def test_a_zone_taken_again_keeps_the_clip_that_it_had(desk_of, scan, tmp_path):
    desk, _ = desk_of()
    desk.begin()
    for _ in range(2):
        scan.show(desk, CHEST, 5)
        scan.show(desk, IN_AIR, 5)
        scan.show(desk, CHEST, 5)
        desk.keep()
        desk.reopen("L1")
    folder, record = record_of(tmp_path)
    assert [clip["zone"] for clip in record["clips"]] == ["L1", "L1"]
    assert len({clip["file"] for clip in record["clips"]}) == 2
    assert all((folder / clip["file"]).stat().st_size for clip in record["clips"])


def test_one_exam_at_a_time(desk_of):
    desk, _ = desk_of()
    desk.begin()
    with pytest.raises(ExamRefused, match="An exam is open"):
        desk.begin()


def test_without_an_exam_the_image_alone_is_advised_on(desk_of, scan):
    desk, _ = desk_of()
    scan.show(desk, CHEST, 5)
    assert desk.status.advice.code == "GOOD"
    scan.show(desk, IN_AIR, 5)
    assert desk.status.advice.code == "NO_CONTACT"


def test_a_probe_that_reports_nonsense_is_not_believed(desk_of, scan):
    class Nonsense(Chest):
        @property
        def settings(self):
            return AcquisitionSettings(depth_mm=-3.0, preset="lung")

    desk, _ = desk_of(refuses)
    desk.begin()
    scan.show(desk, Nonsense(2, size=200), 10)
    assert desk.status.advice.code == "SETTINGS_IMPLAUSIBLE"
    assert desk.status.exam.done == 0
