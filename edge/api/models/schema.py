"""The model releases in the API: the active one and the reason for it, all others, and the last refusal."""

from datetime import datetime, timezone

from pydantic import BaseModel, ConfigDict, Field

from edge.api.says import SaysOut, says_out
from edge.api.view import ApplianceView
from edge.feedback.ledger.standing import Standing
from edge.inference.shelf import Shelved
from edge.notice import NOTICE
from edge.people.actor import Actor
from edge.pipeline.shadow import ShadowFigures
from edge.services.model import Refusal, Swap


class ReleaseIn(BaseModel):
    """`lung-m-0.3.0`, or `lung-m` for its newest version."""

    model_config = ConfigDict(extra="forbid")

    release: str = Field(min_length=1, max_length=120)


class ShadowIn(BaseModel):
    """The release to run in shadow; null for none."""

    model_config = ConfigDict(extra="forbid")

    release: str | None = Field(min_length=1, max_length=120)


class FindingMeaning(BaseModel):
    key: str
    name: str


class DataOut(BaseModel):
    """Data from which a release was made."""

    name: str
    source: str
    licence: str


class ModelOut(BaseModel):
    """The active release. `alpha` is the share of clips whose prediction set can miss the truth; `card` is HTML, see /model-card."""

    ident: str
    name: str
    version: str
    sha256: str
    input_side: int
    operators: list[str]
    findings: list[FindingMeaning]
    alpha: float
    novelty_limit: float
    data: list[DataOut]
    licence: str
    card: str
    notice: str = NOTICE


class RefusalOut(BaseModel):
    """Which release was refused, when (UTC), why, and the next step."""

    release: str
    at: str
    problem: str
    fix: str
    says: SaysOut | None = None


class ModelLineOut(BaseModel):
    """The active release, and the last refusal since it became active."""

    release: str
    refusal: RefusalOut | None


class ShelvedOut(BaseModel):
    """One release; `problem` states why it cannot be used, and is empty if it can.

    `ledger` states whether its entry in the ledger of model changes is `complete`, without which it is not activated. If not, there is
    `none`, it states only that the release was `in-use` before, it was signed for `other-files`, or it is `damaged`. It is null where the
    manifest of the release cannot be read.
    """

    release: str
    built_in: bool
    signed_by: str | None
    active: bool
    shadow: bool
    problem: str
    ledger: Standing | None


class MeasuredOut(BaseModel):
    """How long the network of a release took per frame when the appliance chose among the built-in releases."""

    release: str
    invoke_ms: float


class ModelsOut(BaseModel):
    """`active` is used; `why` states the reason. `previous` is the release of a rollback."""

    active: str
    why: str
    measured: list[MeasuredOut]
    previous: str | None
    shadow: str | None
    refusal: RefusalOut | None
    releases: list[ShelvedOut]
    notice: str = NOTICE


class SwapOut(BaseModel):
    """`release` is used instead of `before`. `switched_ms` is the time from the request to its first frame, null if no frame arrived.

    `lasts` is false if the settings name a release, because that one is used again after the next start.
    """

    release: str
    before: str
    switched_ms: float | None
    lasts: bool
    notice: str = NOTICE


class ShadowFindingOut(BaseModel):
    """The number of frames with different prediction sets, and the mean absolute difference of the two probabilities."""

    disagreed: int
    difference: float


class ShadowOut(BaseModel):
    """`release` runs in shadow next to `active`; null for none. `skipped` frames came while it was busy; `problem`: why it stopped.

    `machine_not_validated` counts, under `active` and `shadow`, the frames of machines on which each of the two is not validated.
    """

    release: str | None = None
    active: str = ""
    frames: int = 0
    skipped: int = 0
    findings: dict[str, ShadowFindingOut] = {}
    machine_not_validated: dict[str, int] = {}
    problem: str = ""
    fix: str = ""
    notice: str = NOTICE


def model_of(view: ApplianceView) -> ModelOut:
    release = view.models.release
    return ModelOut(
        ident=release.ident,
        name=release.name,
        version=release.version,
        sha256=release.sha256,
        input_side=release.input_side,
        operators=list(release.operators),
        findings=[FindingMeaning(key=f.key, name=f.name) for f in release.findings],
        alpha=release.alpha,
        novelty_limit=release.novelty.limit,
        data=[DataOut(name=each.name, source=each.source, licence=each.licence) for each in release.data],
        licence=release.licence,
        card=release.card,
    )


def line_of(view: ApplianceView) -> ModelLineOut:
    status = view.models.status
    return ModelLineOut(release=status.release.ident, refusal=_refusal(status.refusal))


def models_of(view: ApplianceView, actor: Actor) -> ModelsOut:
    """Reads files."""
    status = view.models.status
    shadow = status.shadow.release if status.shadow else None
    ledger = view.models.ledger.standings(actor)
    return ModelsOut(
        active=status.release.ident,
        why=status.why,
        measured=[MeasuredOut(release=each.ident, invoke_ms=round(each.invoke_ms, 2)) for each in status.measured],
        previous=view.models.previous(actor),
        shadow=shadow,
        refusal=_refusal(status.refusal),
        releases=[_shelved(each, status.release.ident, shadow, ledger.get(each.ident)) for each in view.models.shelved(actor)],
    )


def swap_of(swap: Swap) -> SwapOut:
    ms = None if swap.switched_ms is None else round(swap.switched_ms, 1)
    return SwapOut(release=swap.release, before=swap.before, switched_ms=ms, lasts=swap.lasts)


def shadow_of(figures: ShadowFigures | None) -> ShadowOut:
    if figures is None:
        return ShadowOut()
    findings = figures.findings.items()
    return ShadowOut(
        release=figures.release,
        active=figures.active,
        frames=figures.frames,
        skipped=figures.skipped,
        findings={key: ShadowFindingOut(disagreed=f.disagreed, difference=round(f.difference, 4)) for key, f in findings},
        machine_not_validated=dict(figures.not_validated),
        problem=figures.problem.what if figures.problem else "",
        fix=figures.problem.fix if figures.problem else "",
    )


def _shelved(each: Shelved, active: str, shadow: str | None, ledger: Standing | None) -> ShelvedOut:
    return ShelvedOut(
        release=each.ident,
        built_in=each.built_in,
        signed_by=each.signed_by,
        active=each.ident == active,
        shadow=each.ident == shadow,
        problem=each.problem or "",
        ledger=ledger,
    )


def _refusal(refusal: Refusal | None) -> RefusalOut | None:
    if refusal is None:
        return None
    at = datetime.fromtimestamp(refusal.at, timezone.utc).isoformat(timespec="seconds")
    problem = refusal.problem
    return RefusalOut(release=refusal.release, at=at, problem=problem.what, fix=problem.fix, says=says_out(problem))
