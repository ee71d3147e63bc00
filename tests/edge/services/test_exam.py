"""An exam on frames of the simulated chest: what is kept, what is asked, what is on disk, and what is taken up again."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from edge.disk.digest import digest_of
from edge.exam.exam import ExamRefused
from edge.exam.exam_file import ExamNotStored
from edge.exam.protocol.file import Catalogue, load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.gate import GateState
from edge.exam.taking.live_zone import Surroundings
from edge.inference.release import BUILT_IN, ModelRelease
from edge.people.actor import NOBODY_ACTOR, Actor, Grant, NotAllowed
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.people.permission import Role
from edge.records.audit.entry import Entry
from edge.records.errors import RecordsFull, RecordUnknown
from edge.records.exams.exams import Exams
from edge.records.exams.states import SkipReason
from edge.records.schema import AuditRow, ExamRow, ProtocolTextRow
from edge.services.book import ExamBook
from edge.services.exam import ExamService
from firmware_bridge.errors import ProbeSilent
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.recorder import BUFFER_FULL
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.mcap import IMAGE_SCHEMA, messages_of
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
def desk_of(tmp_path, store):
    made = []

    def make(answer=obeys, protocol="blue-6", catalogue=None):
        probe = Probe(answer)
        around = Surroundings(lambda: SourceInfo("virtual://", "chest", Origin.SIMULATED), probe.push)
        stored = StoredExams(store, tmp_path / "exams")
        desk = ExamService(ExamBook(stored), stored, catalogue or load_catalogue(), protocol, around)
        made.append(desk)
        return desk, probe

    yield make
    for desk in made:
        desk.close()


def record_of(tmp_path):
    (path,) = (tmp_path / "exams").glob("*/exam.json")
    return path.parent, json.loads(path.read_text())


def sequences_of(recording):
    return [message.sequence for _, message, schema in messages_of(recording, lambda *_: None) if schema.name == IMAGE_SCHEMA]


def test_a_good_zone_keeps_its_clip_by_itself_and_the_clip_is_on_disk_before_it_is_shown(desk_of, scan, eventually, tmp_path):
    desk, _ = desk_of()
    desk.begin(ANYONE)
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


def test_frames_that_the_recorder_dropped_are_in_no_clip_and_the_clip_states_how_many_are_missing(
    desk_of, scan, eventually, tmp_path, monkeypatch
):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 10)
    recorder = desk._live.taking._recorder
    with monkeypatch.context() as slow, recorder._changed:  # the writer cannot take anything meanwhile
        slow.setattr("firmware_bridge.recorder.BUFFER_BYTES", 0)
        scan.show(desk, CHEST, 3)
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    folder, record = record_of(tmp_path)
    (clip,) = record["clips"]
    with open_file(folder / clip["file"]) as source:
        numbers = sequences_of(folder / clip["file"])
        assert len([*source.frames()]) == len(numbers)
        assert [(loss.cause, loss.frames) for loss in source.losses] == [(BUFFER_FULL, 3)]
    window = [number for number in numbers if clip["window"]["first"] <= number <= clip["window"]["last"]]
    assert clip["assessment"]["frames"] == len(window)
    problem = desk.status.live.problem
    assert (problem.code, "3 frames are missing" in problem.what) == ("clip-not-whole", True)
    with desk._stored.records._store.read() as session:
        (kept,) = [entry for body in session.scalars(select(AuditRow.body)) if (entry := Entry.of(body)).act == "zone.kept"]
    assert kept.detail["frames_missing"] == 3


def test_the_next_zone_is_not_taken_from_where_the_probe_still_lies(desk_of, scan, eventually):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    scan.show(desk, CHEST, 2 * ENOUGH)
    assert desk.status.exam.done == 1
    assert desk.status.live.advice.code == "NEXT_ZONE"
    assert desk.status.live.must_lift
    scan.show(desk, IN_AIR, 5)
    assert not desk.status.live.must_lift
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 2, "the second zone was not kept")


def skips(desk):
    desk.skip(ANYONE, desk.status.exam.selected, SkipReason.PAIN, "")


def keeps(desk):
    desk.keep(ANYONE)


def ends_and_begins(desk):
    """The next patient."""
    desk.end(ANYONE)
    desk.begin(ANYONE)


def keeps_and_takes_again(desk):
    desk.keep(ANYONE)
    desk.reopen(ANYONE, "L1")


def selects(desk):
    desk.select(ANYONE, "R2")


def selects_and_comes_back(desk):
    desk.select(ANYONE, "R2")
    desk.select(ANYONE, "L1")


@pytest.mark.parametrize("act", [keeps, skips, selects, selects_and_comes_back, keeps_and_takes_again, ends_and_begins])
def test_a_view_from_before_a_zone_was_asked_for_never_fills_it(desk_of, scan, eventually, act):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 10)
    act(desk)
    zone, done = desk.status.exam.selected, desk.status.exam.done
    scan.show(desk, CHEST, 2 * ENOUGH)
    assert (desk.status.exam.done, desk.status.live.must_lift) == (done, True)
    with pytest.raises(ExamRefused, match="from before the zone was selected") as refused:
        desk.keep(ANYONE)
    assert "Lift the probe" in refused.value.fix
    scan.show(desk, IN_AIR, 5)
    lifted_at = scan.frame(IN_AIR).sequence
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == done + 1, "the zone was not kept after the lift")
    clip = desk._stored.records.clips(desk.status.record.id)[-1]
    assert (clip.zone, clip.first >= lifted_at) == (zone, True)


def test_a_zone_that_is_asked_for_while_the_probe_is_in_the_air_needs_no_second_lift(desk_of, scan, eventually):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 10)
    scan.show(desk, IN_AIR, 5)
    desk.select(ANYONE, "R2")
    assert not desk.status.live.must_lift
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")


def test_a_lift_counts_while_the_settings_of_the_probe_are_refused(desk_of, scan, eventually):
    desk, _ = desk_of(refuses)
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 10)
    desk.keep(ANYONE)
    scan.show(desk, replace(IN_AIR, depth_mm=200.0), 5)
    assert not desk.status.live.gate.may_record
    assert not desk.status.live.must_lift
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 2, "no clip was kept")


def test_a_frozen_image_is_not_a_lifted_probe(desk_of, scan):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 10)
    desk.keep(ANYONE)
    scan.show(desk, replace(CHEST, faults=Faults(frozen=True)), 30)
    scan.show(desk, CHEST, ENOUGH)
    assert (desk.status.exam.done, desk.status.live.must_lift) == (1, True)


def test_an_exam_that_is_taken_up_again_does_not_trust_the_view_that_it_finds(desk_of, scan):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    desk.close()
    again, _ = desk_of()
    scan.show(again, CHEST, 2 * ENOUGH)
    assert (again.status.exam.done, again.status.live.must_lift) == (1, True)


def test_a_clip_never_mixes_two_releases_and_the_zone_that_begins_again_says_so(desk_of, scan, eventually):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 20)
    assert desk.status.live.held_s > 1
    scan.release = ModelRelease.load(BUILT_IN / "lung-s")
    scan.show(desk, CHEST, 1)
    assert desk.status.live.held_s == 0
    assert (desk.status.live.problem.code, scan.release.ident in desk.status.live.problem.what) == ("zone-taken-again", True)
    scan.show(desk, CHEST, 20)
    assert desk.status.exam.done == 0, "frames of the release before were counted"
    scan.show(desk, CHEST, ENOUGH - 20)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.live.problem is None


def test_what_is_kept_by_hand_is_of_the_release_that_reads_now(desk_of, scan):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 20)
    scan.release = ModelRelease.load(BUILT_IN / "lung-s")
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    assert desk._stored.records.clips(desk.status.record.id)[0].assessment.frames == 5


def test_in_the_air_nothing_is_kept_and_nothing_is_recorded(desk_of, scan, tmp_path):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, IN_AIR, ENOUGH)
    assert desk.status.exam.done == 0
    folder, _ = record_of(tmp_path)
    assert not list(folder.glob("*.mcap"))


def test_a_probe_that_is_set_wrongly_is_set_once_and_takes_the_zone(desk_of, scan, eventually):
    desk, probe = desk_of(obeys)
    desk.begin(ANYONE)
    scan.show(desk, SHALLOW, 3)
    eventually(lambda: probe.asked, "the probe was not asked")
    assert probe.asked[0].depth_mm == 80
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.exam.overridden == 0
    assert len(probe.asked) == 1


def test_where_the_probe_does_not_obey_the_operator_is_asked_and_may_record_anyway(desk_of, scan, eventually, tmp_path):
    desk, _ = desk_of(refuses)
    desk.begin(ANYONE)
    scan.show(desk, SHALLOW, 3)
    eventually(lambda: desk.status.live.gate.state is GateState.REFUSED, "nobody was asked")
    scan.show(desk, SHALLOW, ENOUGH)
    assert desk.status.live.advice.code == "TOO_SHALLOW"
    assert desk.status.exam.done == 0
    desk.record_anyway(ANYONE)
    scan.show(desk, SHALLOW, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.exam.overridden == 1
    _, record = record_of(tmp_path)
    assert record["exam"]["zones"]["L1"]["overridden"] == ["TOO_SHALLOW"]


def test_an_open_exam_is_taken_up_where_it_was_and_an_ended_one_is_not(desk_of, scan, eventually, tmp_path):
    desk, _ = desk_of()
    desk.begin(ANYONE, "lus-8")
    desk.skip(ANYONE, desk.status.exam.selected, SkipReason.PAIN, "")
    scan.show(desk, CHEST, 60)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    desk.close()
    again, _ = desk_of()
    assert again.status.running
    assert again.status.exam.protocol.id == "lus-8"
    assert (again.status.exam.done, again.status.exam.skipped) == (1, 1)
    assert again.status.exam.zones == desk.status.exam.zones
    again.end(ANYONE)
    assert not desk_of()[0].status.running


def test_the_record_is_the_truth_and_what_lies_beside_the_clips_is_made_again_from_it(desk_of, scan, tmp_path):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    desk.close()
    folder, before = record_of(tmp_path)
    (folder / "exam.json").write_text("{")
    again, _ = desk_of()
    assert (again.status.running, again.status.exam.done, again.status.live.problem) == (True, 1, None)
    assert record_of(tmp_path)[1] == before


def test_an_exam_that_cannot_be_taken_up_is_told_and_can_be_ended(desk_of, store):
    desk, _ = desk_of()
    lost = desk.begin(ANYONE)
    desk.close()
    with store.write() as change:
        change.session.get(ExamRow, lost.id).zones = {}
        change.log("tester", "exam.spoilt", f"exam/{lost.id}")
    again, _ = desk_of()
    assert not again.status.running
    assert "cannot be resumed" in again.status.live.problem.what
    newer = again.begin(ANYONE)
    assert again.end(ANYONE, lost.id).state == "preliminary"
    assert (again.status.running, again.status.record.id) == (True, newer.id)


@pytest.mark.parametrize("change", ["removed", "changed"])
def test_an_exam_goes_on_and_ends_when_its_protocols_file_was_changed_or_removed(desk_of, scan, change):
    desk, _ = desk_of()
    begun = desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    desk.close()
    others = [each for each in load_catalogue().protocols if each.id != "blue-6"]
    changed = [load_catalogue().named("blue-6").model_copy(update={"version": "2.0.0"})] if change == "changed" else []
    again, _ = desk_of(protocol="lus-8", catalogue=Catalogue((*others, *changed), ()))
    assert (again.status.running, again.status.exam.selected, again.status.live.problem) == (True, "L2", None)
    assert again.status.exam.protocol.version == "1.0.0"
    scan.show(again, IN_AIR, 5)
    scan.show(again, CHEST, 5)
    again.keep(ANYONE)
    again.end(ANYONE)
    assert len(again._reader.summary(again._stored.records.get(begun.id)).zones[1].findings) == 3


def test_an_exam_from_before_texts_were_stored_gets_the_text_at_a_start(desk_of, store):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    desk.close()
    with store.write() as change:
        change.session.execute(delete(ProtocolTextRow))
        change.log("tester", "protocol.lost", "protocol/blue-6")
    desk_of()[0].close()
    again, _ = desk_of(protocol="lus-8", catalogue=Catalogue((load_catalogue().named("lus-8"),), ()))
    assert (again.status.running, again.status.exam.protocol.id) == (True, "blue-6")


def test_what_there_is_can_be_kept_by_hand_and_nothing_cannot(desk_of, scan):
    desk, _ = desk_of()
    with pytest.raises(ExamRefused, match="No exam is open"):
        desk.keep(ANYONE)
    desk.begin(ANYONE)
    with pytest.raises(ExamRefused, match="Nothing of this zone"):
        desk.keep(ANYONE)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    assert desk.status.exam.done == 1


def test_a_zone_is_not_shown_as_done_that_the_disk_did_not_take(desk_of, scan, tmp_path):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    folder, before = record_of(tmp_path)
    (folder / "exam.json.new").mkdir()
    with pytest.raises(ExamNotStored):
        desk.keep(ANYONE)
    assert desk.status.exam.done == 0
    assert record_of(tmp_path)[1] == before
    (folder / "exam.json.new").rmdir()
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    assert desk.status.exam.done == 1


def test_a_zone_taken_again_keeps_the_clip_that_it_had(desk_of, scan, tmp_path):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    for _ in range(2):
        scan.show(desk, CHEST, 5)
        scan.show(desk, IN_AIR, 5)
        scan.show(desk, CHEST, 5)
        desk.keep(ANYONE)
        desk.reopen(ANYONE, "L1")
    folder, record = record_of(tmp_path)
    assert [clip["zone"] for clip in record["clips"]] == ["L1", "L1"]
    assert len({clip["file"] for clip in record["clips"]}) == 2
    assert all((folder / clip["file"]).stat().st_size for clip in record["clips"])


def test_one_exam_at_a_time(desk_of):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    with pytest.raises(ExamRefused, match="An exam is open"):
        desk.begin(ANYONE)


def test_without_an_exam_the_image_alone_is_advised_on(desk_of, scan):
    desk, _ = desk_of()
    scan.show(desk, CHEST, 5)
    assert desk.status.live.advice.code == "GOOD"
    scan.show(desk, IN_AIR, 5)
    assert desk.status.live.advice.code == "NO_CONTACT"


def test_a_probe_that_reports_nonsense_is_not_believed(desk_of, scan):
    class Nonsense(Chest):
        @property
        def settings(self):
            return AcquisitionSettings(depth_mm=-3.0, preset="lung")

    desk, _ = desk_of(refuses)
    desk.begin(ANYONE)
    scan.show(desk, Nonsense(2, size=200), 10)
    assert desk.status.live.advice.code == "SETTINGS_IMPLAUSIBLE"
    assert desk.status.exam.done == 0


def test_a_kept_zone_is_recorded_with_its_clip_and_what_the_model_says_of_it(desk_of, scan, eventually):
    desk, _ = desk_of()
    begun = desk.begin(ANYONE)
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    (clip,), findings = desk._stored.records.clips(begun.id), desk._stored.records.findings(begun.id)
    assert (clip.zone, clip.by, clip.file_state) == ("L1", "itself", "whole")
    path = desk._stored.path_of(begun) / clip.file
    assert (digest_of(path), path.stat().st_size) == (clip.sha256, clip.bytes)
    summary = desk._reader.summary(desk.status.record).zones[0]
    assert (len(summary.findings), summary.frames) == (3, clip.assessment.frames)
    assert {each.key: each.probability for each in findings} == {each.key: each.probability for each in summary.findings}
    assert {each.release for each in findings} == {scan.release.ident}
    assert desk.status.record.simulated
    assert not list(path.parent.glob("*.part"))


def test_a_zone_that_is_reopened_leaves_its_findings_superseded(desk_of, scan):
    desk, _ = desk_of()
    begun = desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    desk.reopen(ANYONE, "L1")
    assert desk._stored.records.undecided(begun.id) == ()
    scan.show(desk, IN_AIR, 5)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    assert len(desk._stored.records.undecided(begun.id)) == 3
    assert len(desk._stored.records.findings(begun.id)) == 6


def test_what_is_taken_of_a_zone_that_nobody_keeps_is_let_go_and_what_a_stop_interrupts_is_not(desk_of, scan):
    desk, _ = desk_of()
    folder = desk._stored.path_of(desk.begin(ANYONE))
    scan.show(desk, CHEST, 5)
    assert [path.name for path in folder.glob("*.part")] == ["L1.mcap.part"]
    desk.select(ANYONE, "L2")
    assert not list(folder.glob("*.part"))
    scan.show(desk, IN_AIR, 5)
    scan.show(desk, CHEST, 5)
    desk.close()
    assert [path.name for path in folder.glob("*.part")] == ["L2.mcap.part"]


def refuse(*_args, **_more):
    raise RecordsFull("database or disk is full", "Free some room")


def test_records_that_refuse_leave_the_zone_open_and_its_recording_on_disk_and_the_exam_goes_on(desk_of, scan, monkeypatch):
    desk, _ = desk_of()
    begun = desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    with monkeypatch.context() as full:
        full.setattr(Exams, "keep", refuse)
        with pytest.raises(RecordsFull):
            desk.keep(ANYONE)
    assert (desk.status.exam.done, desk._stored.records.clips(begun.id)) == (0, ())
    assert [path.name for path in desk._stored.path_of(begun).glob("*.mcap")] == ["L1.mcap"]
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    assert desk.status.exam.done == 1
    assert [clip.file for clip in desk._stored.records.clips(begun.id)] == ["L1-1.mcap"]


def fail(*_args, **_more):
    raise RuntimeError("a fault of the program")


def test_a_clip_that_is_not_stored_for_any_reason_is_shown_and_the_zone_is_taken_again(desk_of, scan, eventually, monkeypatch):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    with monkeypatch.context() as broken:
        broken.setattr(Exams, "keep", fail)
        scan.show(desk, CHEST, ENOUGH)
        eventually(lambda: desk.status.live.problem is not None, "nothing was shown")
    assert "a fault of the program" in desk.status.live.problem.what
    assert not desk.status.live.keeping
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")


def test_a_probe_that_cannot_be_set_for_any_reason_leaves_it_to_the_operator(desk_of, scan, eventually):
    desk, _ = desk_of(fail)
    desk.begin(ANYONE)
    scan.show(desk, SHALLOW, 3)
    eventually(lambda: desk.status.live.gate.state is GateState.REFUSED, "the operator was not asked")
    eventually(lambda: desk.status.live.problem is not None, "nothing was shown")
    assert "a fault of the program" in desk.status.live.problem.what
    desk.record_anyway(ANYONE)
    assert desk.status.live.gate.may_record


def test_records_that_refuse_a_clip_which_keeps_itself_are_told(desk_of, scan, eventually, monkeypatch):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    with monkeypatch.context() as full:
        full.setattr(Exams, "keep", refuse)
        scan.show(desk, CHEST, ENOUGH)
        eventually(lambda: desk.status.live.problem is not None, "nobody was told")
        assert desk.status.live.problem.code == "records-not-written"
        eventually(lambda: not desk.status.live.keeping, "the zone is not taken again")
    assert desk.status.exam.done == 0
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")


def test_the_second_who_ends_an_exam_is_told_that_it_was_ended(desk_of):
    desk, _ = desk_of()
    begun = desk.begin(ANYONE)
    assert desk.end(ANYONE, begun.id).state == "preliminary"
    with pytest.raises(ExamRefused, match="The exam is preliminary: it is not possible to end it"):
        desk.end(ANYONE, begun.id)
    with pytest.raises(ExamRefused, match="No exam is open"):
        desk.end(ANYONE)


def test_what_is_meant_for_one_exam_is_not_done_with_another(desk_of):
    desk, _ = desk_of()
    first = desk.begin(ANYONE)
    desk.end(ANYONE)
    second = desk.begin(ANYONE)
    desk.select(ANYONE, "R1", second.id)
    with pytest.raises(ExamRefused, match=f"Exam {first.id} is not open"):
        desk.select(ANYONE, "R2", first.id)
    with pytest.raises(ExamRefused, match="Zone L1 is not selected"):
        desk.keep(ANYONE, "L1", second.id)
    with pytest.raises(RecordUnknown):
        desk.select(ANYONE, "R2", "none")
    assert desk.status.exam.selected == "R1"


@pytest.mark.parametrize("act", ["begin", "select", "skip", "reopen", "keep", "record_anyway", "end"])
def test_nobody_who_is_not_signed_in_changes_an_exam(desk_of, scan, act):
    desk, _ = desk_of()
    if act != "begin":
        desk.begin(ANYONE)
        scan.show(desk, CHEST, 5)
    before = desk.status.record
    more = {"select": ("L2",), "skip": ("L2", SkipReason.PAIN, ""), "reopen": ("L1",)}.get(act, ())
    with pytest.raises(NotAllowed):
        getattr(desk, act)(NOBODY_ACTOR, *more)
    assert desk.status.record == before


def test_a_zone_that_somebody_not_qualified_takes_makes_the_exam_need_a_review(desk_of):
    desk, _ = desk_of()
    sara = Actor("operator", "sara", None, (Grant(Role.SCAN),), qualified_for=frozenset({"blue-6"}))
    assert desk.begin(sara).qualified
    desk.select(sara, "L2")
    assert desk.status.record.qualified
    desk.select(ANYONE, "L3")
    desk.select(sara, "R1")
    assert not desk.status.record.qualified
