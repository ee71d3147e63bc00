"""The exam as a state machine: done, skipped with a reason, or not examined, whatever is done in whatever order."""

import json

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.exam.exam import SKIP_REASONS, Exam, ExamRefused, ExamUnresumable
from edge.exam.protocol.file import load_catalogue
from edge.exam.protocol.protocol import Protocol, ZoneUnknown
from edge.exam.summary import summary_of
from edge.records.exams.states import Done, Skipped, SkipReason

BLUE: Protocol = load_catalogue().named("blue-6")
ZONES = [zone.id for zone in BLUE.zones]


def test_a_new_exam_has_examined_nothing_and_begins_with_the_first_zone() -> None:
    exam = Exam.begin(BLUE)
    assert (exam.selected, exam.open_zones, exam.done, exam.skipped, exam.overridden) == ("L1", tuple(ZONES), 0, 0, 0)


def test_a_kept_clip_closes_its_zone_and_the_next_open_one_is_selected() -> None:
    exam = Exam.begin(BLUE).skip("L2", SkipReason.PAIN).keep()
    assert exam.zones == {"L1": Done(), "L2": Skipped(SkipReason.PAIN)}
    assert (exam.selected, exam.open_zones) == ("L3", ("L3", "R1", "R2", "R3"))


def test_after_the_last_zone_the_first_open_one_is_next_and_after_all_none() -> None:
    exam = Exam.begin(BLUE).select("R3").keep()
    assert exam.selected == "L1"
    for zone in exam.open_zones:
        exam = exam.skip(zone, SkipReason.STOPPED)
    assert (exam.selected, exam.done, exam.skipped) == (None, 1, 5)
    with pytest.raises(ExamRefused, match="Every zone is done or skipped"):
        exam.keep()


def test_a_closed_zone_is_not_overwritten_until_it_is_reopened() -> None:
    exam = Exam.begin(BLUE).keep()
    for event in (lambda: exam.select("L1"), lambda: exam.skip("L1", SkipReason.PAIN)):
        with pytest.raises(ExamRefused, match=r"Zone L1 is done\. Reopen it first"):
            event()
    again = exam.reopen("L1")
    assert (again.selected, "L1" in again.zones, "L1" in exam.zones) == ("L1", False, True)
    with pytest.raises(ExamRefused, match="not examined"):
        again.reopen("L1")


def test_another_reason_has_to_be_written() -> None:
    with pytest.raises(ExamRefused, match="Write the reason"):
        Exam.begin(BLUE).skip("L1", SkipReason.OTHER, "  ")
    assert Exam.begin(BLUE).skip("L1", SkipReason.OTHER, " burns ").zones["L1"] == Skipped(SkipReason.OTHER, "burns")


def test_every_reason_to_skip_has_a_sentence() -> None:
    assert set(SKIP_REASONS) == set(SkipReason)


def test_recording_anyway_is_marked_and_counted() -> None:
    exam = Exam.begin(BLUE).keep(("TOO_DEEP",)).keep()
    assert (exam.overridden, exam.done) == (1, 2)
    assert exam.zones["L1"] == Done(("TOO_DEEP",))


def test_a_zone_that_the_protocol_does_not_have_is_refused() -> None:
    exam = Exam.begin(BLUE)
    for event in (exam.select, exam.reopen, lambda zone: exam.skip(zone, SkipReason.PAIN)):
        with pytest.raises(ZoneUnknown):
            event("L9")


@pytest.mark.parametrize(
    ("change", "stated"),
    [
        ({"zones": {"L1": {"state": "normal"}}}, "zones.L1"),
        ({"zones": {"L9": {"state": "skipped", "reason": "pain", "note": ""}}}, "do not fit its protocol"),
        ({"selected": "L9"}, "do not fit its protocol"),
        ({"selected": None}, "do not fit its protocol"),
        ({"record_version": 1}, "record_version"),
        ({"record_version": 3}, "record_version"),
    ],
)
def test_a_record_that_does_not_fit_is_refused(change: dict[str, object], stated: str) -> None:
    with pytest.raises(ExamUnresumable, match=stated):
        Exam.from_record(Exam.begin(BLUE).as_record() | change, BLUE)


@pytest.mark.parametrize("stated", [None, [], "exam", {}, {"zones": 3}])
def test_what_is_no_record_is_refused(stated: object) -> None:
    with pytest.raises(ExamUnresumable):
        Exam.from_record(stated, BLUE)


def test_what_only_a_newer_program_knows_does_not_stop_an_exam() -> None:
    exam = Exam.begin(BLUE).keep()
    newer = exam.as_record() | {"pace": "slow", "zones": {"L1": {"state": "done", "overridden": [], "side": "left"}}}
    assert Exam.from_record(newer, BLUE) == exam


class ExamMachine(RuleBasedStateMachine):
    """Beside the exam runs the simplest account of it: a table of what was last stated of each zone."""

    def __init__(self) -> None:
        super().__init__()
        self.exam = Exam.begin(BLUE)
        self.account: dict[str, object] = {}
        self.overridden: dict[str, bool] = {}

    @rule(zone=st.sampled_from(ZONES))
    def select(self, zone: str) -> None:
        if zone in self.account:
            with pytest.raises(ExamRefused):
                self.exam.select(zone)
        else:
            self.exam = self.exam.select(zone)
            assert self.exam.selected == zone

    @precondition(lambda self: self.exam.selected is not None)
    @rule(codes=st.sampled_from([(), ("TOO_DEEP",)]))
    def keep(self, codes: tuple[str, ...]) -> None:
        zone = self.exam.selected
        assert zone is not None
        self.exam = self.exam.keep(codes)
        self.account[zone], self.overridden[zone] = codes, bool(codes)

    @rule(zone=st.sampled_from(ZONES), reason=st.sampled_from([each for each in SkipReason if each is not SkipReason.OTHER]))
    def skip(self, zone: str, reason: SkipReason) -> None:
        if zone in self.account:
            with pytest.raises(ExamRefused):
                self.exam.skip(zone, reason)
        else:
            self.exam = self.exam.skip(zone, reason)
            self.account[zone] = reason

    @rule(zone=st.sampled_from(ZONES))
    def reopen(self, zone: str) -> None:
        if zone not in self.account:
            with pytest.raises(ExamRefused):
                self.exam.reopen(zone)
        else:
            self.exam = self.exam.reopen(zone)
            del self.account[zone]
            self.overridden.pop(zone, None)

    @rule()
    def resume(self) -> None:
        resumed = Exam.from_record(json.loads(json.dumps(self.exam.as_record())), BLUE)
        assert resumed == self.exam
        self.exam = resumed

    @invariant()
    def holds_what_was_said_and_nothing_else(self) -> None:
        held = {zone: state.overridden if isinstance(state, Done) else state.reason for zone, state in self.exam.zones.items()}
        assert held == self.account
        assert self.exam.open_zones == tuple(zone for zone in ZONES if zone not in self.account)
        assert self.exam.overridden == sum(self.overridden.values())

    @invariant()
    def an_open_zone_is_selected_as_long_as_there_is_one(self) -> None:
        assert (self.exam.selected in self.exam.open_zones) if self.exam.open_zones else self.exam.selected is None

    @invariant()
    def nothing_is_reported_of_a_zone_without_a_clip(self) -> None:
        summary = summary_of(self.exam.states, BLUE, {})
        for zone in summary.zones:
            stated = self.account.get(zone.id)
            expected = "not examined" if stated is None else "skipped" if isinstance(stated, SkipReason) else "done"
            assert zone.state == expected
            if expected != "done":
                assert (zone.findings, zone.score, zone.quality) == ((), None, None)
        missing = sum(zone.state != "done" for zone in summary.zones)
        assert summary.total.high - summary.total.low >= 3 * missing
        assert summary.total.scored <= len(ZONES) - missing


ExamMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestExamMachine = ExamMachine.TestCase
