"""`sonoedge operator`: who works with the appliance, from the shell; whether or not it runs, and by the same rules."""

import json
from datetime import datetime, timezone
from typing import Annotated

import typer

from edge.cli.operator_sign_in import FromBoard, people, signed
from edge.cli.operator_text import as_record, listing, page, standing_record
from edge.cli.pin import As, ask_pin
from edge.people.actor import NOBODY_ACTOR
from edge.people.permission import Role
from edge.people.standing import Kind
from edge.records.errors import RecordUnknown
from edge.records.people.credentials import NewEvent
from edge.records.people.operators import StoredOperator
from edge.records.schema import ANY

app = typer.Typer(no_args_is_help=True)

BadgeArgument = Annotated[str, typer.Argument(metavar="BADGE")]
Under = Annotated[str, typer.Option("--protocol", metavar="ID", help="A protocol, or * for every one.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
PAGE = 200


@app.command()
def claim(badge: BadgeArgument, name: Annotated[str, typer.Argument(metavar="NAME", help="As they are called, in any script.")]) -> None:
    """Enrol the first administrator of a new appliance. There is no default password."""
    with people() as desk:
        made = desk.claim(NOBODY_ACTOR, badge, name, ask_pin(f"A PIN for {badge}", twice=True))
        typer.echo(f"{made.called} is the administrator of this appliance")


@app.command()
def add(badge: BadgeArgument, name: Annotated[str, typer.Argument(metavar="NAME")], as_: As = "", board: FromBoard = False) -> None:
    """Enrol somebody, with a first PIN; roles are given apart."""
    with signed(as_, board) as by:
        made = by.desk.enrol(by.actor, badge, name, ask_pin(f"A PIN for {badge}", twice=True))
        typer.echo(f"{made.called} is enrolled")


@app.command("list")
def list_(as_: As = "", board: FromBoard = False, as_json: AsJson = False) -> None:
    """Everybody who is or was enrolled."""
    with signed(as_, board) as by:
        found, after = list[StoredOperator](), None
        while got := by.desk.listed(by.actor, PAGE, after):
            found += got
            after = got[-1].id
        typer.echo(json.dumps([as_record(each) for each in found], ensure_ascii=False) if as_json else "\n".join(listing(found)))


@app.command()
def show(badge: BadgeArgument, as_: As = "", board: FromBoard = False, as_json: AsJson = False) -> None:
    """One operator: roles, credentials, and what is missing to be qualified."""
    with signed(as_, board) as by:
        found = by.desk.with_badge(by.actor, badge)
        standings = by.desk.standings(by.actor, found.id)
        if as_json:
            said = {**as_record(found), "standings": [standing_record(each) for each in standings]}
            typer.echo(json.dumps(said, ensure_ascii=False))
        else:
            typer.echo("\n".join(page(found, by.desk.credentials(by.actor, found.id), standings)))


@app.command()
def grant(badge: BadgeArgument, role: Role, protocol: Under = ANY, as_: As = "", board: FromBoard = False) -> None:
    """Give a role, under one protocol or under every one."""
    with signed(as_, board) as by:
        changed = by.desk.grant(by.actor, by.desk.with_badge(by.actor, badge).id, role, protocol)
        typer.echo("\n".join(listing([changed])))


@app.command()
def revoke(badge: BadgeArgument, role: Role, protocol: Under = ANY, as_: As = "", board: FromBoard = False) -> None:
    """Take a role away; never the last administrator's."""
    with signed(as_, board) as by:
        found = by.desk.with_badge(by.actor, badge)
        held = next((each for each in found.grants if (each.role, each.protocol) == (role.value, protocol)), None)
        if held is None:
            raise RecordUnknown(f"{badge} does not hold the role {role.value} under {protocol}", "See sonoedge operator show")
        typer.echo("\n".join(listing([by.desk.revoke(by.actor, found.id, held.id)])))


@app.command()
def retire(badge: BadgeArgument, as_: As = "", board: FromBoard = False) -> None:
    """End somebody's work here; what they did stays theirs."""
    with signed(as_, board) as by:
        retired = by.desk.change(by.actor, by.desk.with_badge(by.actor, badge).id, None, retire=True)
        typer.echo(f"{retired.called} is retired")


@app.command()
def unlock(badge: BadgeArgument, as_: As = "", board: FromBoard = False) -> None:
    """Let somebody sign in again after too many wrong PINs."""
    with signed(as_, board) as by:
        unlocked = by.desk.unlock(by.actor, by.desk.with_badge(by.actor, badge).id)
        typer.echo(f"{unlocked.called} may sign in again")


@app.command()
def pin(badge: BadgeArgument, as_: As = "", board: FromBoard = False) -> None:
    """Set a PIN: one's own, or, as an administrator, another's."""
    with signed(as_, board) as by:
        found = by.desk.with_badge(by.actor, badge)
        by.desk.set_pin(by.actor, found.id, ask_pin(f"The new PIN of {badge}", twice=True))
        typer.echo(f"{found.called} has another PIN")


@app.command()
def credential(  # noqa: PLR0917 - the command line's options
    badge: BadgeArgument,
    kind: Kind,
    protocol: Annotated[str, typer.Option(metavar="ID")],
    begins: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The day it holds from, in UTC.")] = None,
    ends: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The day it runs out, in UTC.")] = None,
    item: Annotated[list[str] | None, typer.Option(metavar="NAME=POINTS", help="Of an assessment: 1 to 5 points; once an item.")] = None,
    version: Annotated[str, typer.Option(help="Of an assessment: the version of its form.")] = "",
    note: Annotated[str, typer.Option(help="Where it was, or why.")] = "",
    as_: As = "",
) -> None:
    """Enter a course, an assessment, a sign-off, a suspension or its end. Supervised exams are counted from reviews."""
    with signed(as_, False) as by:
        new = NewEvent(protocol, kind.value, _utc(begins), _utc(ends), items=_items(item or []), version=version, note=note)
        by.desk.vouch(by.actor, by.desk.with_badge(by.actor, badge).id, new)
        typer.echo(f"{kind.value} under {protocol} is entered for {badge}")


def _items(said: list[str]) -> tuple[tuple[str, int], ...]:
    parted = [each.partition("=") for each in said]
    if wrong := [name for name, _, points in parted if not (name and points.isdecimal() and len(points) == 1)]:
        raise typer.BadParameter(f"'{wrong[0]}' is not NAME=POINTS", param_hint="--item")
    return tuple((name, int(points)) for name, _, points in parted)


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=timezone.utc)
