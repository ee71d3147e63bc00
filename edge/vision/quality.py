"""The faults of a frame, as coded reasons with the measured value and the next step; `quality.yaml` holds the limits."""

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from math import inf

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from edge.vision.measure import Measured
from firmware_bridge.says import say


@dataclass(frozen=True, slots=True)
class Reason:
    """One fault: its code, the measured value, the limit it broke, and what a clinician can do. `spoils`: it makes the frame a bad one."""

    code: str
    measured: float
    limit: float
    advice: str
    spoils: bool = True


@dataclass(frozen=True, slots=True)
class Quality:
    """The faults of a frame, the most important first; the frame is good enough to read if none of them spoils it.

    `score` is 0 where one spoils it, else from 50 (at a limit) to 100 (everything as good as in a usual frame). `measured` are the figures
    that were judged.
    """

    sequence: int
    reasons: tuple[Reason, ...] = ()
    score: float = 100.0
    measured: Measured | None = field(default=None, compare=False)

    @property
    def good(self) -> bool:
        return not any(reason.spoils for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a protocol accepts. The name of the preset must contain one of the words in `presets`; empty: any preset.

    The depths of 60, 100 and 180 mm are too shallow, right and too deep for a lung; no consensus gives figures, and a site sets its own.
    """

    depth_mm: tuple[float, float] = (80.0, 160.0)
    presets: tuple[str, ...] = ("lung", "lus", "thora", "pleura")

    def accepts(self, preset: str) -> bool:
        """Whether a preset of this name may be used."""
        return not self.presets or any(word.lower() in preset.lower() for word in self.presets)


@dataclass(frozen=True, slots=True)
class Reported:
    """The settings that a probe reports, None where it does not: the part of `Measured` by which depth and preset are judged."""

    depth_mm: float | None
    preset: str | None
    off_skin: str = ""


BY_SETTINGS = frozenset({"depth_mm", "preset"})
"""Measures that a probe reports and that need no image."""


class Check(BaseModel):
    """One entry of `quality.yaml`; the file explains the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    measure: str
    low: float = -inf
    high: float = inf
    ideal: float | None = None
    advice: str
    spoils: bool
    explains: tuple[str, ...] = ()
    source: str

    def reason(self, measured: Measured | Reported, limits: Limits) -> Reason | None:
        low, high = self.band(limits)
        value = self.value(measured, limits)
        if value is None or low <= value <= high:
            return None
        words = {"off_skin": measured.off_skin, "preset": measured.preset or "", "wanted": next(iter(limits.presets), "")}
        advice = say(self.code, self.advice, measured=value, low=low, high=high, **words)
        return Reason(self.code, round(value, 3), low if value < low else high, advice, self.spoils)

    def merit(self, measured: Measured, limits: Limits) -> float:
        """Where the figure lies between its limit (0) and the usual value (1); 1 if it has no ideal or is not known."""
        value = self.value(measured, limits)
        if self.ideal is None or value is None:
            return 1.0
        limit = self.low if self.low > -inf else self.high
        return min(1.0, max(0.0, (value - limit) / (self.ideal - limit)))

    def band(self, limits: Limits) -> tuple[float, float]:
        """(low, high) within which all is well."""
        match self.code:
            case "TOO_SHALLOW":
                return limits.depth_mm[0], inf
            case "TOO_DEEP":
                return -inf, limits.depth_mm[1]
            case "WRONG_PRESET":
                return 1.0, inf
            case _:
                return self.low, self.high

    def value(self, measured: Measured | Reported, limits: Limits) -> float | None:
        """The figure that is judged: one of the frame, or 1 for an accepted preset and 0 for another; None where it is not known."""
        if self.measure == "preset":
            name = measured.preset
            return None if name is None or not limits.presets else float(limits.accepts(name))
        figure: float | None = getattr(measured, self.measure)
        return figure


@lru_cache(maxsize=1)
def checks() -> tuple[Check, ...]:
    """All checks, the most important first."""
    text = (files("edge.vision") / "quality.yaml").read_text()
    return TypeAdapter(tuple[Check, ...]).validate_python(yaml.load(text, yaml.CSafeLoader))


def check_of(code: str) -> Check:
    """The check with this code."""
    return next(check for check in checks() if check.code == code)


def judge_settings(reported: Reported, limits: Limits) -> tuple[Reason, ...]:
    """What is wrong with the depth and preset that a probe reports; an exam's preset gate asks here too, so that both give one answer."""
    return tuple(reason for check in checks() if check.measure in BY_SETTINGS and (reason := check.reason(reported, limits)) is not None)


def assess(sequence: int, measured: Measured, limits: Limits | None = None) -> Quality:
    """Judges the measured figures of one frame; a fault that follows from another fault is not listed with it."""
    limits = limits or Limits()
    found = [(check, reason) for check in checks() if (reason := check.reason(measured, limits)) is not None]
    explained = {code for check, _ in found for code in check.explains}
    reasons = tuple(reason for check, reason in found if check.code not in explained)
    if any(reason.spoils for reason in reasons):
        return Quality(sequence, reasons, 0.0, measured)
    return Quality(sequence, reasons, 50 + 50 * min(check.merit(measured, limits) for check in checks()), measured)
