"""Guidance: the one line and colour that help the operator most now. Sans-I/O: it receives the situation, and states what to show."""

from dataclasses import dataclass, replace
from enum import Enum

from edge.exam.exam import Exam
from edge.exam.protocol.protocol import Zone
from edge.exam.taking.gate import Gate
from edge.vision.quality import Quality, checks
from firmware_bridge.says import say

FRESH_S = 0.3
"""Older advice is not shown."""
SETTLE_S = 0.25
"""A less urgent advice must be true for this long before it replaces a more urgent one; less than FRESH_S."""

OFF_SKIN = "NO_CONTACT"
"""Between two zones the probe is in the air, which is not a fault."""


class Colour(str, Enum):
    """Red: correct this, nothing is stored. Amber: this comes next. Green: go on."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


COLOURS = tuple(Colour)
DISK, GATE, QUALITY, EXAM = range(4)


@dataclass(frozen=True, slots=True)
class Advice:
    """One line in one colour; `at` is the time in seconds when it was last true. The advice with the smallest `urgency` is shown."""

    code: str
    text: str
    colour: Colour
    urgency: tuple[int, int, int]
    at: float = 0.0

    def fresh(self, now: float) -> bool:
        """Whether it is recent enough to be shown."""
        return now - self.at <= FRESH_S


@dataclass(frozen=True, slots=True)
class Situation:
    """The input of the guidance. Without an exam only the image counts. `held_s` and `must_lift` are those of the zone.

    `recorded` is False while the disk takes nothing.
    """

    quality: Quality
    gate: Gate | None = None
    exam: Exam | None = None
    held_s: float = 0.0
    must_lift: bool = False
    recorded: bool = True


class Guide:
    """Shows one advice at a time without flicker: a more urgent one at once, a less urgent one after a moment."""

    def __init__(self) -> None:
        self._shown: Advice | None = None
        self._wanted: str | None = None
        self._wanted_since = 0.0

    def advice(self, situation: Situation, now: float) -> Advice:
        """The advice for a frame that came at `now`, in seconds of a monotonic clock."""
        advice = replace(advise(situation), at=now)
        if advice.code != self._wanted:
            self._wanted, self._wanted_since = advice.code, now
        if self._shown is None or self._replaces(advice, self._shown, now):
            self._shown = advice
        return self._shown

    def _replaces(self, advice: Advice, shown: Advice, now: float) -> bool:
        same_or_worse = advice.code == shown.code or advice.urgency < shown.urgency
        return same_or_worse or now - self._wanted_since >= SETTLE_S or not shown.fresh(now)


def advise(situation: Situation) -> Advice:
    """The most useful next step: first the disk, then the probe's settings, then the image, then the exam."""
    if not situation.recorded:
        text = say("NOT_RECORDED", "Nothing is recorded: the disk is full or missing. Call the technician")
        return _advice("NOT_RECORDED", text, Colour.RED, DISK)
    return _of_gate(situation.gate) or _of_quality(situation) or _of_exam(situation)


def _of_gate(gate: Gate | None) -> Advice | None:
    if gate is None or gate.may_record:
        return None
    first = gate.checked.refusals[0]
    return _advice(first.code.value, first.advice, Colour.RED, GATE)


def _of_quality(situation: Situation) -> Advice | None:
    reason = next((reason for reason in situation.quality.reasons if reason.spoils), None)
    if reason is None or _on_the_way(situation, reason.code):
        return None
    order = next((number for number, check in enumerate(checks()) if check.code == reason.code), len(checks()))
    return _advice(reason.code, reason.advice, Colour.RED, QUALITY, order)


def _on_the_way(situation: Situation, code: str) -> bool:
    exam = situation.exam
    return exam is not None and (exam.selected is None or situation.must_lift or code == OFF_SKIN)


def _of_exam(situation: Situation) -> Advice:
    exam = situation.exam
    if exam is None:
        return _advice("GOOD", say("GOOD", "Good image"), Colour.GREEN, EXAM)
    if exam.selected is None:
        return _advice("EXAM_DONE", _ended(exam), Colour.GREEN, EXAM)
    zone = exam.protocol.zone(exam.selected)
    if situation.must_lift or not situation.quality.good:
        return _advice("NEXT_ZONE", _next(exam, zone, must_lift=situation.must_lift), Colour.AMBER, EXAM)
    held, wanted = situation.held_s, exam.protocol.acquisition(zone.id).seconds
    text = say("HOLD", "Hold still: {held:.1f} of {wanted:g} s", held=held, wanted=wanted)
    return _advice("HOLD", text, Colour.GREEN, EXAM)


def _next(exam: Exam, zone: Zone, *, must_lift: bool) -> str:
    begun = say("ZONES_DONE", "{done} of {zones} zones done. ", done=exam.done, zones=len(exam.protocol.zones)) if exam.zones else ""
    if must_lift:
        lift = "{begun}Next {zone}, {place}: lift the probe, then put it there, with gel. Recording begins there"
        return say("NEXT_ZONE_LIFT", lift, begun=begun, zone=zone.id, place=zone.name)
    return say("NEXT_ZONE", "{begun}Next {zone}, {place}: put the probe there, with gel", begun=begun, zone=zone.id, place=zone.name)


def _ended(exam: Exam) -> str:
    done, zones = exam.done, len(exam.protocol.zones)
    if not exam.skipped:
        return say("EXAM_DONE", "The exam is complete: {done} of {zones} zones done", done=done, zones=zones)
    complete = "The exam is complete: {done} of {zones} zones done, {skipped} skipped"
    return say("EXAM_DONE_SKIPPED", complete, done=done, zones=zones, skipped=exam.skipped)


def _advice(code: str, text: str, colour: Colour, kind: int, order: int = 0) -> Advice:
    return Advice(code, text, colour, (COLOURS.index(colour), kind, order))
