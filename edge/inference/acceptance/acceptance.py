"""Acceptance: a person's signed statement that a release decides certain findings on one machine of this site.

It holds a local calibration and conformal thresholds, never weights, and no name of a patient.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from enum import Enum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from edge.inference.finding_label import FindingLabel
from edge.inference.release_files import Digest, Finite, Key, Text
from firmware_bridge.machine import Machine

FORMAT: Literal["sonoedge-acceptance/1"] = "sonoedge-acceptance/1"
Part = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class _Data(BaseModel):
    """Further fields are those of a newer program, which adds only what an older one may ignore."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class BoundedShare(_Data):
    """A share of clips, and its exact lower 95 % bound with patients as the trials."""

    value: Part
    at_least: Part


class AcceptedFigures(_Data):
    """See `edge.inference.acceptance.figures.Figures`; all of left-out patients."""

    auc: Part
    auc_low: Part
    auc_high: Part
    sensitivity: BoundedShare
    specificity: BoundedShare
    covered_with: BoundedShare
    covered_without: BoundedShare
    answered: BoundedShare
    ece: Part


class LabelsRead(_Data):
    """How many labels were read without the model's answer in view, and with it, which flatters the model."""

    blind: Count
    in_view: Count


class AcceptedFinding(_Data):
    """One accepted finding: local calibration, local thresholds of probability, and what they were fitted and judged on."""

    key: Key
    slope: Finite
    offset: Finite
    present_from: Finite
    absent_to: Finite
    clips_with: Count
    clips_without: Count
    patients_with: Count
    patients_without: Count
    figures: AcceptedFigures

    def label(self, name: str) -> FindingLabel:
        """The finding as it is read on the machine; `name` is for people."""
        return FindingLabel(self.key, name, self.slope, self.offset, self.present_from, self.absent_to)


class Withdrawal(_Data):
    """Who ended an acceptance, when, and why."""

    by: Text
    at: AwareDatetime
    reason: Text


class Why(str, Enum):
    """Why an acceptance does not hold."""

    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OTHER_RELEASE = "other release"
    OTHER_MACHINE = "other machine"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an acceptance does not hold, in a sentence without the full stop."""

    why: Why
    what: str


class Acceptance(_Data):
    """`machine` is a name, see `Machine.named`; `model_sha256` the digest of the network; `until` the last day (UTC) on which it holds.

    `clips` could be assessed, of so many `patients`; of each clip, every `every`-th frame was read. `labels_sha256` is the digest of the
    labels, and `labels_read` how they were read, where that is known; `by` is the person's name as the audit trail has it.
    """

    format: Literal["sonoedge-acceptance/1"]
    id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    machine: Annotated[str, Field(min_length=1, max_length=200)]
    release: Annotated[str, Field(min_length=1, max_length=120)]
    model_sha256: Digest
    clips: Count
    patients: Count
    every: Annotated[int, Field(ge=1)] = 1
    labels_sha256: Digest
    labels_read: LabelsRead | None = None
    findings: Annotated[tuple[AcceptedFinding, ...], Field(min_length=1, max_length=50)]
    by: Text
    at: AwareDatetime
    until: date | None = None
    withdrawn: Withdrawal | None = None

    def obstacle(self, model_sha256: str, machine: Machine, now: datetime) -> Obstacle | None:
        """Why it does not hold for a network on a machine at a time; None: it holds."""
        if (ended := self.ended(now)) is not None:
            return ended
        if model_sha256 != self.model_sha256:
            return Obstacle(Why.OTHER_RELEASE, f"it is of {self.release}, and another release reads")
        if not self.covers(machine):
            return Obstacle(Why.OTHER_MACHINE, f"it is of {self.machine}, and the source is {machine.name}")
        return None

    def covers(self, machine: Machine) -> bool:
        """Whether it is of this machine, with any release and at any time."""
        return Machine.named(self.machine).covers(machine)

    def ended(self, now: datetime) -> Obstacle | None:
        """Whether it ended for every release and machine."""
        if self.withdrawn is not None:
            return Obstacle(Why.WITHDRAWN, f"{self.withdrawn.by} withdrew it on {self.withdrawn.at:%Y-%m-%d}: {self.withdrawn.reason}")
        if self.until is not None and max(now, self.at).astimezone(timezone.utc).date() > self.until:  # a clock may have been set back
            return Obstacle(Why.EXPIRED, f"its last day was {self.until:%Y-%m-%d}")
        return None

    def labels(self, findings: Sequence[FindingLabel]) -> tuple[FindingLabel, ...]:
        """The findings of a release as they are read on the machine; one that is not accepted rules out nothing."""
        accepted = {finding.key: finding for finding in self.findings}
        return tuple(
            accepted[label.key].label(label.name) if label.key in accepted else replace(label, present_from=0.0, absent_to=1.0)
            for label in findings
        )


def first_on(acceptances: Iterable[Acceptance], machine: Machine) -> Acceptance | None:
    """The first acceptance that is of this machine; None without one."""
    return next((each for each in acceptances if each.covers(machine)), None)
