"""`sonoedge operator`: the people who use the appliance, managed from the shell. The rules are the same whether or not it runs."""

import json
from datetime import datetime, timezone
from typing import Annotated

import typer

from edge.cli.operator_sign_in import FromBoard, people, signed
from edge.cli.operator_text import as_record, listing, page, standing_record
from edge.cli.pin import As, ask_pin
from edge.people.actor import SHELL_ACTOR
from edge.people.permission import Role
from edge.people.standing import Kind
from edge.records.errors import RecordUnknown
from edge.records.people.credentials import NewEvent
from edge.records.people.operators import StoredOperator
from edge.records.schema import ANY

app = typer.Typer(no_args_is_help=True)

BadgeArgument = Annotated[str, typer.Argument(metavar="BADGE")]
ForProtocol = Annotated[str, typer.Option("--protocol", metavar="ID", help="A protocol, or * for all protocols.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
PAGE = 200


@app.command()
def claim(badge: BadgeArgument, name: Annotated[str, typer.Argument(metavar="NAME", help="The person's name, in any script.")]) -> None:
    """Enrol the first administrator of a new appliance. There is no default PIN."""
    with people() as service:
        made = service.claim(SHELL_ACTOR, badge, name, ask_pin(f"A PIN for {badge}", twice=True))
        typer.echo(f"{made.called} is the administrator of this appliance")


@app.command()
def code() -> None:
    """Show the one-time code with which a page enrols the first administrator."""
    with people() as service:
        typer.echo(service.claim_code(SHELL_ACTOR))


@app.command()
def add(badge: BadgeArgument, name: Annotated[str, typer.Argument(metavar="NAME")], as_: As = "", board: FromBoard = False) -> None:
    """Enrol a person, with a first PIN. Roles are granted separately."""
    with signed(as_, board) as by:
        made = by.people.enrol(by.actor, badge, name, ask_pin(f"A PIN for {badge}", twice=True))
        typer.echo(f"{made.called} is enrolled")


@app.command("list")
def list_(as_: As = "", board: FromBoard = False, as_json: AsJson = False) -> None:
    """List all people who are or were enrolled."""
    with signed(as_, board) as by:
        found, after = list[StoredOperator](), None
        while got := by.people.listed(by.actor, PAGE, after):
            found += got
            after = got[-1].id
        typer.echo(json.dumps([as_record(each) for each in found], ensure_ascii=False) if as_json else "\n".join(listing(found)))


@app.command()
def show(badge: BadgeArgument, as_: As = "", board: FromBoard = False, as_json: AsJson = False) -> None:
    """Show one operator: roles, credentials, and what is missing for the qualification."""
    with signed(as_, board) as by:
        found = by.people.with_badge(by.actor, badge)
        standings = by.people.standings(by.actor, found.id)
        if as_json:
            record = {**as_record(found), "standings": [standing_record(each) for each in standings]}
            typer.echo(json.dumps(record, ensure_ascii=False))
        else:
            typer.echo("\n".join(page(found, by.people.credentials(by.actor, found.id), standings)))


@app.command()
def grant(badge: BadgeArgument, role: Role, protocol: ForProtocol = ANY, as_: As = "", board: FromBoard = False) -> None:
    """Grant a role, for one protocol or for all protocols."""
    with signed(as_, board) as by:
        changed = by.people.grant(by.actor, by.people.with_badge(by.actor, badge).id, role, protocol)
        typer.echo("\n".join(listing([changed])))


@app.command()
def revoke(badge: BadgeArgument, role: Role, protocol: ForProtocol = ANY, as_: As = "", board: FromBoard = False) -> None:
    """Revoke a role. The last administrator's role cannot be revoked."""
    with signed(as_, board) as by:
        found = by.people.with_badge(by.actor, badge)
        held = next((each for each in found.grants if (each.role, each.protocol) == (role.value, protocol)), None)
        if held is None:
            raise RecordUnknown(f"{badge} does not have the role {role.value} for {protocol}", "List the roles: sonoedge operator show")
        typer.echo("\n".join(listing([by.people.revoke(by.actor, found.id, held.id)])))


@app.command()
def retire(badge: BadgeArgument, as_: As = "", board: FromBoard = False) -> None:
    """Retire an operator. The name stays in the records."""
    with signed(as_, board) as by:
        retired = by.people.change(by.actor, by.people.with_badge(by.actor, badge).id, None, retire=True)
        typer.echo(f"{retired.called} is retired")


@app.command()
def unlock(badge: BadgeArgument, as_: As = "", board: FromBoard = False) -> None:
    """Unlock an operator after too many wrong PINs."""
    with signed(as_, board) as by:
        unlocked = by.people.unlock(by.actor, by.people.with_badge(by.actor, badge).id)
        typer.echo(f"{unlocked.called} can sign in again")


@app.command()
def pin(badge: BadgeArgument, as_: As = "", board: FromBoard = False) -> None:
    """Set a PIN: your own, or as an administrator the PIN of another person."""
    with signed(as_, board) as by:
        found = by.people.with_badge(by.actor, badge)
        by.people.set_pin(by.actor, found.id, ask_pin(f"The new PIN of {badge}", twice=True))
        typer.echo(f"{found.called}: PIN changed")


@app.command()
def credential(
    badge: BadgeArgument,
    kind: Kind,
    protocol: Annotated[str, typer.Option(metavar="ID")],
    begins: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first valid day, in UTC.")] = None,
    ends: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The day on which it expires, in UTC.")] = None,
    item: Annotated[list[str] | None, typer.Option(metavar="NAME=POINTS", help="For an assessment: 1 to 5 points per item.")] = None,
    version: Annotated[str, typer.Option(help="For an assessment: the version of its form.")] = "",
    note: Annotated[str, typer.Option(help="The place, or the reason.")] = "",
    as_: As = "",
) -> None:
    """Record a course, an assessment, a sign-off, a suspension or its end. Supervised exams are counted from the reviews."""
    with signed(as_, False) as by:
        new = NewEvent(protocol, kind.value, _utc(begins), _utc(ends), items=_items(item or []), version=version, note=note)
        by.people.vouch(by.actor, by.people.with_badge(by.actor, badge).id, new)
        typer.echo(f"Recorded for {badge}: {kind.value} for {protocol}")


def _items(given: list[str]) -> tuple[tuple[str, int], ...]:
    pairs = [each.partition("=") for each in given]
    if wrong := [name for name, _, points in pairs if not (name and points.isdecimal() and len(points) == 1)]:
        raise typer.BadParameter(f"'{wrong[0]}' is not NAME=POINTS", param_hint="--item")
    return tuple((name, int(points)) for name, _, points in pairs)


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=timezone.utc)
