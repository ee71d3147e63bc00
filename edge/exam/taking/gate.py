"""Preset gate: compares the settings that the probe reports with those of the protocol, and states what to do about differences.

Depth and preset are judged by `edge.vision.quality`, as in every frame; kind of probe, frequency and implausible figures here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from math import isfinite

from typing_extensions import Self

from edge.exam.protocol.protocol import Acquisition
from edge.vision.quality import Limits, Reason, Reported, judge_settings
from firmware_bridge.frame import AcquisitionSettings, Shape
from firmware_bridge.says import say

PLAUSIBLE = {
    "depth_mm": ("depth", "mm", 5.0, 400.0),
    "gain_db": ("gain", "dB", -200.0, 200.0),
    "frequency_mhz": ("frequency", "MHz", 0.5, 60.0),
    "focus_mm": ("focus", "mm", 0.0, 400.0),
    "mechanical_index": ("mechanical index", "", 0.0, 4.0),
    "thermal_index": ("thermal index", "", 0.0, 20.0),
}
"""Name, unit, and the possible range for any probe, which includes the depths and frequencies that protocols can ask for."""


class GateCode(str, Enum):
    SETTINGS_IMPLAUSIBLE = "SETTINGS_IMPLAUSIBLE"
    WRONG_PROBE = "WRONG_PROBE"
    WRONG_PRESET = "WRONG_PRESET"
    TOO_SHALLOW = "TOO_SHALLOW"
    TOO_DEEP = "TOO_DEEP"
    FREQUENCY_LOW = "FREQUENCY_LOW"
    FREQUENCY_HIGH = "FREQUENCY_HIGH"


class GateState(str, Enum):
    """`asked`: the probe or the operator was asked to correct it; `refused`: it was not corrected; `overridden`: recorded anyway."""

    OPEN = "open"
    ASKED = "asked"
    REFUSED = "refused"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One setting that the protocol does not accept: what is `reported`, what is `wanted`, and what a clinician can do."""

    code: GateCode
    reported: str
    wanted: str
    advice: str


@dataclass(frozen=True, slots=True)
class Checked:
    """`unknown` names the settings that the probe does not report; this is not a refusal."""

    refusals: tuple[Refusal, ...] = ()
    unknown: tuple[str, ...] = ()


def check(asked: Acquisition, settings: AcquisitionSettings, shape: Shape = Shape.UNKNOWN) -> Checked:
    """Compares the reported settings with the protocol; an impossible value is refused without a further check."""
    found = (*_implausible(settings), *_probe(asked, shape), *_depth_and_preset(asked, settings), *_frequency(asked, settings))
    unknown = [PLAUSIBLE[field][0] for field in ("depth_mm", "frequency_mhz") if getattr(settings, field) is None]
    unknown += ["preset"] if settings.preset is None and asked.presets else []
    unknown += ["probe"] if shape is Shape.UNKNOWN else []
    return Checked(found, tuple(unknown))


def wanted(asked: Acquisition, settings: AcquisitionSettings) -> AcquisitionSettings:
    """The settings to set: good values stay, wrong ones go to the nearest limit, and unknown ones to the middle."""
    depth_mm = _nearest(_figure(settings, "depth_mm"), asked.depth_mm)
    frequency_mhz = _nearest(_figure(settings, "frequency_mhz"), asked.frequency_mhz)
    right = settings.preset is not None and _limits(asked).accepts(settings.preset)
    return AcquisitionSettings(depth_mm=depth_mm, frequency_mhz=frequency_mhz, preset=settings.preset if right else _first(asked.presets))


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate of one zone. Immutable: each event gives a new gate. `overrides` counts how often it was recorded anyway."""

    asked: Acquisition
    state: GateState = GateState.OPEN
    checked: Checked = Checked()
    overrides: int = 0
    overridden: tuple[GateCode, ...] = ()

    @property
    def may_record(self) -> bool:
        return self.state in (GateState.OPEN, GateState.OVERRIDDEN)

    @property
    def codes(self) -> tuple[GateCode, ...]:
        return tuple(refusal.code for refusal in self.checked.refusals)

    def seen(self, settings: AcquisitionSettings, shape: Shape = Shape.UNKNOWN) -> Self:
        """The probe has reported. A fault that was not overridden closes the gate again; a corrected probe opens it."""
        return self._with(check(self.asked, settings, shape))

    def refused(self) -> Self:
        """The fault was not corrected: the probe does not accept the settings, or the operator cannot change them."""
        return replace(self, state=GateState.REFUSED) if self.state is GateState.ASKED else self

    def record_anyway(self) -> Self:
        """The operator records anyway, which is marked and counted."""
        if self.may_record:
            return self
        return replace(self, state=GateState.OVERRIDDEN, overrides=self.overrides + 1, overridden=self.codes)

    def _with(self, checked: Checked) -> Self:
        after = replace(self, checked=checked)
        if not checked.refusals:
            return replace(after, state=GateState.OPEN, overridden=())
        if self.state is GateState.OVERRIDDEN and set(after.codes) <= set(self.overridden):
            return after
        if self.state is GateState.REFUSED:
            return after
        return replace(after, state=GateState.ASKED, overridden=())


def _implausible(settings: AcquisitionSettings) -> Iterator[Refusal]:
    for field, (name, unit, low, high) in PLAUSIBLE.items():
        reported = getattr(settings, field)
        if reported is not None and _figure(settings, field) is None:
            impossible = "The probe reports an impossible {setting}: {reported:g}. Set it again, or restart the probe"
            advice = say("SETTINGS_IMPLAUSIBLE", impossible, setting=name, reported=reported)
            yield Refusal(GateCode.SETTINGS_IMPLAUSIBLE, f"{name} {reported:g}", f"{low:g} to {high:g} {unit}".rstrip(), advice)


def _probe(asked: Acquisition, shape: Shape) -> Iterator[Refusal]:
    if shape is not Shape.UNKNOWN and shape.value not in asked.probes:
        kinds = " or ".join(asked.probes)
        advice = say("WRONG_PROBE", "This probe is {kind}. Take a {kinds} one", kind=shape.value, kinds=kinds)
        yield Refusal(GateCode.WRONG_PROBE, shape.value, kinds, advice)


def _depth_and_preset(asked: Acquisition, settings: AcquisitionSettings) -> Iterator[Refusal]:
    reported = Reported(_figure(settings, "depth_mm"), settings.preset)
    for reason in judge_settings(reported, _limits(asked)):
        yield Refusal(GateCode(reason.code), *_compared(reason, asked, reported), reason.advice)


def _compared(reason: Reason, asked: Acquisition, reported: Reported) -> tuple[str, str]:
    """The reported and the wanted value."""
    if reason.code == GateCode.WRONG_PRESET:
        return str(reported.preset), " or ".join(asked.presets)
    return f"{reported.depth_mm:g} mm", f"{reason.limit:g} mm or {'more' if reason.code == GateCode.TOO_SHALLOW else 'less'}"


def _frequency(asked: Acquisition, settings: AcquisitionSettings) -> Iterator[Refusal]:
    reported, (low, high) = _figure(settings, "frequency_mhz"), asked.frequency_mhz
    if reported is None or low <= reported <= high:
        return
    if reported < low:
        code, edge = GateCode.FREQUENCY_LOW, f"{low:g} MHz or more"
        advice = say("FREQUENCY_LOW", "Raise the frequency to {low:g} MHz or more", low=low)
    else:
        code, edge = GateCode.FREQUENCY_HIGH, f"{high:g} MHz or less"
        advice = say("FREQUENCY_HIGH", "Lower the frequency to {high:g} MHz or less", high=high)
    yield Refusal(code, f"{reported:g} MHz", edge, advice)


def _limits(asked: Acquisition) -> Limits:
    return Limits(asked.depth_mm, asked.presets)


def _first(presets: tuple[str, ...]) -> str | None:
    return presets[0] if presets else None


def _figure(settings: AcquisitionSettings, field: str) -> float | None:
    """The reported value, None if it is impossible."""
    reported: float | None = getattr(settings, field)
    *_, low, high = PLAUSIBLE[field]
    return reported if reported is not None and isfinite(reported) and low <= reported <= high else None


def _nearest(reported: float | None, band: tuple[float, float]) -> float:
    low, high = band
    return (low + high) / 2 if reported is None else min(max(reported, low), high)
