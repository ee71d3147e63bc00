"""The acceptances in the API: the figures that carry each, and why one does not hold."""

from datetime import date, datetime

from pydantic import BaseModel

from edge.api.view import ApplianceView
from edge.inference.acceptance.acceptance import Acceptance, AcceptedFinding, LabelsRead, Obstacle, Why, Withdrawal
from edge.notice import NOTICE
from edge.people.actor import Actor


class AcceptanceOut(BaseModel):
    """A release that a person accepted on a machine, for these findings.

    `holds` with the release that reads now. If not, `why` is `withdrawn`, `expired` or `other release`, and `reason` states it in words;
    both are empty otherwise. `clips` of `patients` were judged, each `every`-th frame of them. `labels_read` is null where nobody recorded
    how the labels were read; `until` is the last day (UTC), null if it has none.
    """

    id: str
    machine: str
    release: str
    model_sha256: str
    by: str
    at: datetime
    until: date | None
    holds: bool
    why: Why | None
    reason: str
    clips: int
    patients: int
    every: int
    labels_sha256: str
    labels_read: LabelsRead | None
    findings: list[AcceptedFinding]
    withdrawn: Withdrawal | None


class DamagedAcceptanceOut(BaseModel):
    """A file that is damaged, or that this appliance did not sign; it accepts nothing."""

    file: str
    problem: str
    fix: str


class AcceptancesOut(BaseModel):
    """Every acceptance of this appliance, the oldest first, also those that do not hold."""

    acceptances: list[AcceptanceOut]
    damaged: list[DamagedAcceptanceOut]
    notice: str = NOTICE


def acceptances_of(view: ApplianceView, actor: Actor) -> AcceptancesOut:
    """Reads files."""
    listed = view.models.acceptances.listed(actor, view.models.release.sha256)
    return AcceptancesOut(
        acceptances=[_acceptance(each.acceptance, each.obstacle) for each in listed if each.acceptance],
        damaged=[
            DamagedAcceptanceOut(file=each.path.name, problem=each.problem.what, fix=each.problem.fix) for each in listed if each.problem
        ],
    )


def _acceptance(found: Acceptance, obstacle: Obstacle | None) -> AcceptanceOut:
    facts = {name: getattr(found, name) for name in AcceptanceOut.model_fields if hasattr(found, name)}
    why, reason = (obstacle.why, obstacle.what) if obstacle else (None, "")
    return AcceptanceOut.model_validate({**facts, "holds": obstacle is None, "why": why, "reason": reason})
