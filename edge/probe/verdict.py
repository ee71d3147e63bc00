"""Pass, watch, do not use, or can't tell: a probe's figures against the limits in `limits.yaml`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from importlib.resources import files
from math import inf

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from edge.probe.check import CantTell, Compared, Measured
from edge.probe.pool import Held


class Verdict(str, Enum):
    """The verdict on the probe."""

    PASS = "pass"  # noqa: S105 - no password
    WATCH = "watch"
    STOP = "do not use"
    CANT_TELL = "can't tell"


@dataclass(frozen=True, slots=True)
class Reason:
    """A fault or a missing result, and the next step."""

    code: str
    verdict: Verdict
    says: str
    advice: str


class Rule(BaseModel):
    """One entry of `limits.yaml`, which explains the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    figure: str
    watch: float = inf
    stop: float = inf
    held: Held | None = None
    says: str
    advice: str
    source: str

    def reason(self, figures: dict[str, float], where: str, held: Held) -> Reason | None:
        """None if the figure is unknown or within its limits."""
        value = figures.get(self.figure)
        if value is None or self.held not in (held, None) or value < min(self.watch, self.stop):
            return None
        verdict = Verdict.STOP if value >= self.stop else Verdict.WATCH
        return Reason(self.code, verdict, self.says.format(value=value, where=where), self.advice)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The rules in `limits.yaml`."""
    text = (files("edge.probe") / "limits.yaml").read_text()
    return TypeAdapter(tuple[Rule, ...]).validate_python(yaml.safe_load(text))


def judge(measured: Measured, compared: Compared | None = None) -> tuple[Reason, ...]:
    """Every broken rule, the worst first; empty: the probe passes.

    If the source does not state the place of its fan, clinical pictures are no reason to take a probe out of use: the advice is then a
    check in air.
    """
    figures = {"longest_dead": float(measured.longest_dead), "dead": float(measured.dead), "spread": measured.spread}
    if compared is not None:
        figures |= {"loss": compared.loss, "change": compared.change}
    where = ", ".join(map(str, measured.runs))
    found = [reason for rule in rules() if (reason := rule.reason(figures, where, measured.held)) is not None]
    if measured.unsure and measured.held is Held.CLINICAL:
        found = [replace(reason, verdict=Verdict.WATCH, advice="Check the probe in air") for reason in found]
    if measured.unseen:
        unseen = ", ".join(map(str, measured.unseen))
        found.append(
            untold(CantTell("PART_UNSEEN", f"not on the skin: element {unseen}", "Continue to scan with the whole array on the skin"))
        )
    return worst_first(found)


def worst_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Known faults first, then missing results, then figures to watch."""
    return tuple(sorted(reasons, key=lambda reason: _SEVERITY.index(reason.verdict)))


def untold(why: CantTell) -> Reason:
    """The reason of a check without a result."""
    return Reason(why.code, Verdict.CANT_TELL, why.says, why.advice)


def verdict_of(reasons: tuple[Reason, ...]) -> Verdict:
    """The verdict of the first reason; without reasons the probe passes."""
    return reasons[0].verdict if reasons else Verdict.PASS


_SEVERITY = (Verdict.STOP, Verdict.CANT_TELL, Verdict.WATCH)
