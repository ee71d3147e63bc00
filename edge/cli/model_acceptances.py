"""`sonoedge model acceptances` and `withdraw`: the acceptances of this site, and the end of one."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.exam_services import shell_actor
from edge.cli.model_find import AsJson, settings_and_shelf
from edge.cli.operator_sign_in import signed
from edge.cli.own import own_or_new_records
from edge.cli.pin import As
from edge.cli.progress import working
from edge.inference.acceptance.acceptance import Acceptance
from edge.inference.acceptance.errors import AcceptanceUnusable
from edge.inference.choice import decide
from edge.notice import NOTICE
from edge.records.store import Store
from edge.services.acceptance import AcceptanceService, ListedAcceptance
from edge.settings import Settings


def acceptances(as_json: AsJson = False) -> None:
    """List on which machines this site has accepted which release, who did, and whether that holds with the release that reads.

    Exit status 2 if one is damaged, or this appliance did not sign it.
    """
    settings, shelf = settings_and_shelf()
    with working("checking"):
        model = decide(settings.model, shelf, settings.threads).reader.release.sha256
    listed = _listed(settings, model) if settings.data.acceptances.exists() else ()
    good = [(each, each.acceptance) for each in listed if each.acceptance is not None]
    if as_json:
        records = [_record(each) for each in listed]
        typer.echo(json.dumps({"acceptances": records, "notice": NOTICE}))
    elif good:
        head = ("acceptance", "release", "machine", "findings", "patients", "by", "on", "state")
        typer.echo("\n".join(columns([head, *(_row(acceptance, _state(each, acceptance)) for each, acceptance in good)])))
        typer.echo(f"{NOTICE.capitalize()}.")
    else:
        typer.echo("No release is accepted on a machine here. Judge one: sonoedge model accept --help")
    if damaged := [each.problem for each in listed if each.problem is not None]:
        raise AcceptanceUnusable("; ".join(problem.what for problem in damaged), damaged[0].fix)


def withdraw(
    acceptance: Annotated[str, typer.Argument(metavar="ACCEPTANCE", help="Its id in `sonoedge model acceptances`, or the beginning.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it no longer holds.")],
    badge: As = "",
) -> None:
    """End an acceptance: its release decides nothing on that machine any more. The acceptance stays on record."""
    settings, _ = settings_and_shelf()
    with signed(badge, board=False) if badge else nullcontext() as person:
        if person is not None:
            ended = AcceptanceService.of(person.store).withdraw(person.actor, acceptance, reason)
        else:
            with _records(settings) as store:
                ended = AcceptanceService.of(store).withdraw(shell_actor(), acceptance, reason)
    assert ended.withdrawn is not None
    typer.echo(f"{ended.release} on {ended.machine}: {ended.withdrawn.by} withdrew the acceptance. {NOTICE.capitalize()}.")


def _listed(settings: Settings, model_sha256: str) -> tuple[ListedAcceptance, ...]:
    with _records(settings) as store:
        return AcceptanceService.of(store).listed(shell_actor(), model_sha256)


@contextmanager
def _records(settings: Settings) -> Iterator[Store]:
    with closing(own_or_new_records(settings)) as store:
        yield store


def _state(each: ListedAcceptance, acceptance: Acceptance) -> str:
    until = f" until {acceptance.until}" if acceptance.until else ""
    return f"holds{until}" if each.obstacle is None else f"does not hold: {each.obstacle.what}"


def _row(each: Acceptance, state: str) -> tuple[str, ...]:
    findings = " ".join(finding.key for finding in each.findings)
    return (
        each.id,
        each.release,
        each.machine,
        findings,
        str(each.patients),
        each.by,
        f"{each.at:%Y-%m-%d}",
        state,
    )


def _record(each: ListedAcceptance) -> dict[str, object]:
    if each.acceptance is None:
        return {"file": str(each.path), "problem": str(each.problem)}
    return {"file": str(each.path), "problem": None, "state": _state(each, each.acceptance), **each.acceptance.model_dump(mode="json")}
