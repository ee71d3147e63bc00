"""`sonoedge model activate`, `rollback` and `shadow`: which release reads, changed in the running appliance or for its next start."""

import json
from contextlib import AbstractContextManager
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.console import Console

from edge.cli.ask import Absent, ask
from edge.cli.model_find import AsJson, OnShelf, settings_and_shelf
from edge.cli.pin import As
from edge.inference.admission import admit
from edge.inference.choice import decide
from edge.notice import NOTICE
from edge.settings import Settings

MODEL = "/api/v1/model"


class Swap(BaseModel):
    """As the appliance answers: `release` reads instead of `before`, and `lasts` unless the settings name another."""

    release: str
    before: str | None
    switched_ms: float | None = None
    lasts: bool
    notice: str = NOTICE


class ShadowFinding(BaseModel):
    disagreed: int
    difference: float


class ShadowFigures(BaseModel):
    """As the appliance answers: `release` reads in shadow beside `active`; null: none does."""

    release: str | None
    active: str
    frames: int
    skipped: int
    findings: dict[str, ShadowFinding]
    problem: str
    fix: str
    notice: str = NOTICE


def activate(release: OnShelf, as_json: AsJson = False, badge: As = "") -> None:
    """Read with a release from now on: at once where the appliance runs, without losing a frame; else from its next start.

    It is checked first; if it is refused, the reason is printed and the one before reads on.
    """
    settings, shelf = settings_and_shelf()
    try:
        with _working(f"trying {release}"):
            swap = ask(settings, Swap, "POST", f"{MODEL}/activate", {"release": release}, badge=badge)
    except Absent as absent:
        admit(shelf.find(release), settings.threads)
        before = shelf.active() or decide(None, shelf, settings.threads).reader.release.ident
        _say_next_start(absent, settings, shelf.activate(release, before), before, as_json)
    else:
        _say(swap, as_json)


def rollback(as_json: AsJson = False, badge: As = "") -> None:
    """Go back to the release that read before the last activation: at once where the appliance runs."""
    settings, shelf = settings_and_shelf()
    try:
        with _working("trying the release before"):
            swap = ask(settings, Swap, "POST", f"{MODEL}/rollback", badge=badge)
    except Absent as absent:
        before = shelf.active()
        admit(shelf.find(shelf.goes_back_to()), settings.threads)
        _say_next_start(absent, settings, shelf.rollback(), before, as_json)
    else:
        _say(swap, as_json)


def shadow(
    release: Annotated[str | None, typer.Argument(metavar="[RELEASE]", help="One that `sonoedge model list` prints.")] = None,
    off: Annotated[bool, typer.Option("--off", help="End it.")] = False,
    as_json: AsJson = False,
    badge: As = "",
) -> None:
    """Let a candidate read beside the active release on live frames, unseen; without one, say how the two compare so far."""
    if off and release is not None:
        raise typer.BadParameter("name a release or say --off, not both")
    settings, _ = settings_and_shelf()
    with _working(f"trying {release}" if release else "asking the appliance"):
        if release is None and not off:
            figures = ask(settings, ShadowFigures, "GET", f"{MODEL}/shadow")
        else:
            figures = ask(settings, ShadowFigures, "PUT", f"{MODEL}/shadow", {"release": release}, badge=badge)
    typer.echo(figures.model_dump_json() if as_json else "\n".join(_lines(figures)))


def _working(what: str) -> AbstractContextManager[object]:
    return Console(stderr=True).status(what)


def _say(swap: Swap, as_json: bool) -> None:
    said = f"{swap.release} reads instead of {swap.before or 'none'}. {NOTICE.capitalize()}."
    typer.echo(json.dumps({"appliance": True, **swap.model_dump()}) if as_json else said)
    if not swap.lasts:
        typer.echo("At the next start the release that the settings name reads again: take `model` out of them.", err=True)


def _say_next_start(absent: Absent, settings: Settings, release: str, before: str | None, as_json: bool) -> None:
    swap = Swap(release=release, before=before, lasts=settings.model is None)
    said = f"{release} is active, instead of {before or 'none'}. {NOTICE.capitalize()}."
    typer.echo(json.dumps({"appliance": False, **swap.model_dump()}) if as_json else said)
    typer.echo(f"{absent.what}: it reads from the next start.", err=True)
    if not swap.lasts:
        typer.echo(f"But the settings name {settings.model}, which reads instead: take `model` out of them.", err=True)


def _lines(figures: ShadowFigures) -> list[str]:
    if figures.release is None:
        return ["No release reads in shadow."]
    beside = figures.active or "the active release"
    head = f"{figures.release} reads in shadow: {figures.frames} frames beside {beside}, {figures.skipped} skipped. "
    compared = [
        f"{key}: the sets differ in {each.disagreed} frames, the probabilities by {each.difference:.4f} on average"
        for key, each in figures.findings.items()
    ]
    stopped = [f"It has stopped: {figures.problem}. {figures.fix}."] if figures.problem else []
    return [head + NOTICE.capitalize() + ".", *compared, *stopped]
