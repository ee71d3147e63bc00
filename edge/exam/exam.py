"""Exam: one patient under one protocol; each zone is done, skipped with a reason, or not examined, and never silently normal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pydantic import ValidationError
from typing_extensions import Self

from edge.exam.protocol.protocol import Protocol
from edge.records.columns import Json
from edge.records.exams.states import Done, Skipped, SkipReason, ZoneState, ZoneStates
from firmware_bridge.errors import Conflict
from firmware_bridge.says import say

SKIP_REASONS = {
    SkipReason.DRESSING: say("SKIP_DRESSING", "A dressing, a drain or a wound is in the way"),
    SkipReason.PAIN: say("SKIP_PAIN", "It hurts the patient"),
    SkipReason.POSITION: say("SKIP_POSITION", "The patient cannot be positioned for it"),
    SkipReason.NO_WINDOW: say("SKIP_NO_WINDOW", "No image is possible there"),
    SkipReason.STOPPED: say("SKIP_STOPPED", "The exam had to stop"),
    SkipReason.OTHER: say("SKIP_OTHER", "Another reason"),
}


FIX = "Begin it again; its clips are stored"


class ExamRefused(Conflict):
    """The state of the exam does not admit this."""

    code = "exam-refused"


class ExamUnresumable(Conflict):
    """The recorded states of an exam cannot be used."""

    code = "exam-unresumable"
    says_code = "exam_unresumable"


@dataclass(frozen=True, slots=True)
class Exam:
    """Immutable: each event gives a new exam. `selected` is the zone that is taken now, None when every zone is closed."""

    protocol: Protocol
    zones: Mapping[str, ZoneState]
    selected: str | None

    @classmethod
    def begin(cls, protocol: Protocol) -> Self:
        """No zone examined, the first one selected."""
        return cls(protocol, MappingProxyType({}), protocol.zones[0].id)

    def select(self, zone_id: str) -> Self:
        """Takes this zone next.

        Raises:
            ZoneUnknown: the protocol has no such zone.
            ExamRefused: it is done or skipped.
        """
        return replace(self, selected=self._open(zone_id))

    def keep(self, overridden: tuple[str, ...] = ()) -> Self:
        """Closes the selected zone with its clip, and selects the next.

        Raises:
            ExamRefused: no zone is selected.
        """
        if self.selected is None:
            raise ExamRefused("Every zone is done or skipped", "Reopen the zone that the clip belongs to", says="every_zone_closed")
        return self._close(self.selected, Done(overridden))

    def skip(self, zone_id: str, reason: SkipReason, note: str = "") -> Self:
        """Closes a zone without a clip, and selects the next.

        Raises:
            ZoneUnknown: the protocol has no such zone.
            ExamRefused: it is done or skipped, or the reason is OTHER and the note is empty.
        """
        if reason is SkipReason.OTHER and not note.strip():
            raise ExamRefused("The reason to skip zone {zone} is missing", "Write the reason", says="skip_reason_missing", zone=zone_id)
        return self._close(self._open(zone_id), Skipped(reason, note.strip()))

    def reopen(self, zone_id: str) -> Self:
        """Makes a done or skipped zone not examined again, and selects it. Its earlier clip stays recorded.

        Raises:
            ZoneUnknown: the protocol has no such zone.
            ExamRefused: it is not examined.
        """
        self.protocol.zone(zone_id)
        if zone_id not in self.zones:
            raise ExamRefused("Zone {zone} is not examined", "Select it", says="zone_open", zone=zone_id)
        return replace(self, zones=_without(self.zones, zone_id), selected=zone_id)

    @property
    def open_zones(self) -> tuple[str, ...]:
        """The zones that are not examined, in the order of the protocol."""
        return tuple(zone.id for zone in self.protocol.zones if zone.id not in self.zones)

    @property
    def done(self) -> int:
        return sum(isinstance(state, Done) for state in self.zones.values())

    @property
    def skipped(self) -> int:
        return sum(isinstance(state, Skipped) for state in self.zones.values())

    @property
    def overridden(self) -> int:
        """How many zones were recorded although the settings of the probe were outside the limits of the protocol."""
        return sum(isinstance(state, Done) and bool(state.overridden) for state in self.zones.values())

    @property
    def states(self) -> ZoneStates:
        """The states of its zones, and which zone is selected."""
        return ZoneStates(selected=self.selected, zones=dict(self.zones))

    def as_record(self) -> Json:
        """Its states, ready for JSON."""
        return self.states.model_dump(mode="json")

    @classmethod
    def from_record(cls, recorded: object, protocol: Protocol) -> Self:
        """The exam that `as_record` wrote, under the protocol that it was begun with.

        Raises:
            ExamUnresumable: the record is not valid, or its zones are not those of the protocol.
        """
        states = states_in(recorded)
        zones = {zone.id for zone in protocol.zones}
        open_zones = zones - states.zones.keys()
        rightly_selected = states.selected in open_zones if open_zones else states.selected is None
        if not states.zones.keys() <= zones or not rightly_selected:
            raise ExamUnresumable("The exam cannot be resumed: its zones do not fit its protocol", FIX)
        return cls(protocol, MappingProxyType(states.zones), states.selected)

    def _open(self, zone_id: str) -> str:
        self.protocol.zone(zone_id)
        if zone_id in self.zones:
            raise ExamRefused(
                "Zone {zone} is {state}", "Reopen it first", says="zone_closed", zone=zone_id, state=self.zones[zone_id].state
            )
        return zone_id

    def _close(self, zone_id: str, state: ZoneState) -> Self:
        closed = replace(self, zones=MappingProxyType({**self.zones, zone_id: state}))
        return replace(closed, selected=closed._after(zone_id) if zone_id == self.selected else self.selected)

    def _after(self, zone_id: str) -> str | None:
        """The next zone that is not examined, from this one on and then from the beginning."""
        order = [zone.id for zone in self.protocol.zones]
        place = order.index(zone_id)
        return next((each for each in order[place:] + order[:place] if each not in self.zones), None)


def states_in(recorded: object) -> ZoneStates:
    """The states that `Exam.as_record` wrote.

    Raises:
        ExamUnresumable: the record is not valid.
    """
    try:
        return ZoneStates.model_validate(recorded)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"])) or "the record"
        raise ExamUnresumable(f"The exam cannot be resumed: {place}: {fault['msg']}", FIX) from error


def _without(zones: Mapping[str, ZoneState], zone_id: str) -> Mapping[str, ZoneState]:
    return MappingProxyType({each: state for each, state in zones.items() if each != zone_id})
