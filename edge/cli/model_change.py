"""`sonoedge model activate`, `rollback` and `shadow`: change the active release now in a running appliance, or for its next start."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer
from pydantic import BaseModel

from edge.cli.ask import Absent, ask
from edge.cli.exam_services import shell_actor
from edge.cli.model_find import AsJson, OnShelf, settings_and_shelf
from edge.cli.own import own_or_new_records
from edge.cli.pin import As
from edge.cli.progress import working
from edge.inference.choice import decide
from edge.inference.shelf import Shelf
from edge.notice import NOT_VALIDATED, NOTICE
from edge.services.release_change import ReleaseChange
from edge.settings import Settings

MODEL = "/api/v1/model"


class Swap(BaseModel):
    """The appliance's answer: `release` is used instead of `before`. `lasts` is false if the settings name another release."""

    release: str
    before: str | None
    switched_ms: float | None = None
    lasts: bool
    notice: str = NOTICE


class ShadowFinding(BaseModel):
    disagreed: int
    difference: float


class ShadowFigures(BaseModel):
    """The appliance's answer: `release` runs in shadow next to `active`; null if no release runs in shadow."""

    release: str | None
    active: str
    frames: int
    skipped: int
    findings: dict[str, ShadowFinding]
    machine_not_validated: dict[str, int] = {}
    problem: str
    fix: str
    notice: str = NOTICE


def activate(release: OnShelf, as_json: AsJson = False, badge: As = "") -> None:
    """Use a release from now on. A running appliance changes at once and loses no frame; a stopped one changes at its next start.

    The release is checked first. If it is refused, the reason is printed and the previous release stays in use.
    """
    settings, shelf = settings_and_shelf()
    try:
        with working(f"checking {release}"):
            swap = ask(settings, Swap, "POST", f"{MODEL}/activate", {"release": release}, badge=badge)
    except Absent as absent:
        before = shelf.active() or decide(None, shelf, settings.threads).reader.release.ident
        with _offline(settings, shelf) as change, working(f"checking {release}"):
            made = change.activate(shell_actor(), release, before, before)
        _report_next_start(absent, settings, made.release.ident, before, as_json)
    else:
        _report(swap, as_json)


def rollback(as_json: AsJson = False, badge: As = "") -> None:
    """Go back to the release before the last activation. A running appliance changes at once."""
    settings, shelf = settings_and_shelf()
    try:
        with working("checking the previous release"):
            swap = ask(settings, Swap, "POST", f"{MODEL}/rollback", badge=badge)
    except Absent as absent:
        before = shelf.active()
        with _offline(settings, shelf) as change, working("checking the previous release"):
            made = change.rollback(shell_actor(), before or "none")
        _report_next_start(absent, settings, made.release.ident, before, as_json)
    else:
        _report(swap, as_json)


def shadow(
    release: Annotated[str | None, typer.Argument(metavar="[RELEASE]", help="A release of `sonoedge model list`.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Stop the shadow release.")] = False,
    as_json: AsJson = False,
    badge: As = "",
) -> None:
    """Run a candidate in shadow on live frames; its readings are never shown. Without RELEASE, print the comparison so far."""
    if off and release is not None:
        raise typer.BadParameter("give a release or --off, not both")
    settings, _ = settings_and_shelf()
    with working(f"checking {release}" if release else "asking the appliance"):
        if release is None and not off:
            figures = ask(settings, ShadowFigures, "GET", f"{MODEL}/shadow")
        else:
            figures = ask(settings, ShadowFigures, "PUT", f"{MODEL}/shadow", {"release": release}, badge=badge)
    typer.echo(figures.model_dump_json() if as_json else "\n".join(_lines(figures)))


@contextmanager
def _offline(settings: Settings, shelf: Shelf) -> Iterator[ReleaseChange]:
    """Changes while no appliance runs, with the audit trail of the data folder; a new folder gets one."""
    with closing(own_or_new_records(settings)) as store:
        yield ReleaseChange(shelf, store, settings.threads)


def _changed(swap: Swap, how: str) -> str:
    what = f"is {how}, as before" if swap.before == swap.release else f"is now {how} instead of {swap.before or 'none'}"
    return f"{swap.release} {what}. {NOTICE.capitalize()}."


def _report(swap: Swap, as_json: bool) -> None:
    text = _changed(swap, "used")
    typer.echo(json.dumps({"appliance": True, **swap.model_dump()}) if as_json else text)
    if not swap.lasts:
        typer.echo("The settings name another release: the next start will use it. Remove `model` from the settings.", err=True)


def _report_next_start(absent: Absent, settings: Settings, release: str, before: str | None, as_json: bool) -> None:
    swap = Swap(release=release, before=before, lasts=settings.model is None)
    text = _changed(swap, "active")
    typer.echo(json.dumps({"appliance": False, **swap.model_dump()}) if as_json else text)
    typer.echo(f"{absent.what}. {release} will be used from the next start.", err=True)
    if not swap.lasts:
        typer.echo(f"The settings name {settings.model}: the next start will use that instead. Remove `model` from the settings.", err=True)


def _lines(figures: ShadowFigures) -> list[str]:
    if figures.release is None:
        return ["No release runs in shadow."]
    active = figures.active or "the active release"
    head = f"{figures.release} runs in shadow next to {active}: {figures.frames} frames compared, {figures.skipped} skipped. "
    compared = [
        f"{key}: the prediction sets differ in {each.disagreed} frames, the probabilities by {each.difference:.4f} on average"
        for key, each in figures.findings.items()
    ]
    active_frames, shadow_frames = (figures.machine_not_validated.get(who, 0) for who in ("active", "shadow"))
    if active_frames or shadow_frames:
        compared.append(f"{NOT_VALIDATED}: {active_frames} of these frames for {active}, {shadow_frames} for {figures.release}")
    stopped = [f"The shadow release stopped: {figures.problem}. {figures.fix}."] if figures.problem else []
    return [head + NOTICE.capitalize() + ".", *compared, *stopped]
