"""`sonoedge model ledger`: the ledger of model changes, and the entry that an administrator signs before a release can be activated."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from edge.cli.ask import Absent, ask
from edge.cli.columns import columns
from edge.cli.exam_services import shell_actor
from edge.cli.model_find import AsJson, OnShelf, settings_and_shelf
from edge.cli.model_ledger_text import described, record, row
from edge.cli.operator_sign_in import signed
from edge.cli.own import own_or_new_records
from edge.cli.pin import As
from edge.cli.progress import working
from edge.feedback.ledger.built_in import built_in
from edge.feedback.ledger.entry import MOST, PARTS, Entry, Parts, Subject, subject_of, superseded_by_next
from edge.feedback.ledger.errors import LedgerRefused
from edge.feedback.ledger.standing import Standing, refusal, standing_of
from edge.inference.errors import ModelUnusable
from edge.inference.shelf import Shelf
from edge.notice import NOTICE
from edge.services.ledger import LedgerService, NewEntry
from edge.settings import Settings

LEDGER = "/api/v1/model/ledger"
FILE = "@"
"""Begins the name of a file that holds the text."""


class SignedEntry(BaseModel):
    """The fields of the appliance's answer that a person needs."""

    id: str
    release: str
    by: str


app = typer.Typer(help="List the ledger of model changes, or sign an entry.", no_args_is_help=True)


@app.command("list")
def list_(
    release: Annotated[str, typer.Argument(metavar="[RELEASE]", help="A release of `sonoedge model list`, or one that was removed.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the entries of every release, or show those of one in full, with what is missing before it can be activated."""
    settings, shelf = settings_and_shelf()
    subject = _on_shelf(shelf, release)
    wanted = subject.ident if subject else release or None
    entries = _entries(settings, wanted)
    if release and subject is None and not entries:
        shelf.find(release)  # states which releases there are
    standing = standing_of(subject, entries)[0] if subject else None
    if as_json:
        typer.echo(json.dumps({"entries": [record(each) for each in entries], "standing": standing and standing.value, "notice": NOTICE}))
    else:
        typer.echo("\n\n".join(_texts(entries, subject, standing)) if release else "\n".join(_table(entries)))
        typer.echo(f"{NOTICE.capitalize()}.")


@app.command()
def add(
    release: OnShelf,
    description: Annotated[str, typer.Option(metavar="TEXT|@FILE", help="What the release changes.")],
    protocol: Annotated[str, typer.Option(metavar="TEXT|@FILE", help="How the change was verified, and with which result.")],
    impact: Annotated[str, typer.Option(metavar="TEXT|@FILE", help="What it means for patients and people: benefits, risks, limits.")],
    as_json: AsJson = False,
    badge: As = "",
) -> None:
    """Sign the ledger entry of a release, with --as BADGE and the PIN of an administrator. Then it can be activated.

    What its shadow measured on this appliance and the acceptances that hold for it are added as they are. Each text is an argument, or the
    name of a UTF-8 file after @. A later entry supersedes this one; nothing is ever changed or removed.
    """
    settings, shelf = settings_and_shelf()
    parts = _parts(description=description, protocol=protocol, impact=impact)
    subject = subject_of(shelf.find(release))
    before = superseded_by_next(subject, _entries(settings, subject.ident))
    body = {"release": subject.ident, **parts.model_dump(), "release_sha256": subject.sha256, "supersedes": before}
    try:
        with working("checking the release"):
            made = ask(settings, SignedEntry, "POST", LEDGER, body, badge=badge)
    except Absent:
        with signed(badge, board=False) as person:
            entry = LedgerService.of(person.store).sign(person.actor, NewEntry(subject.ident, parts, subject.sha256, before))
        made = SignedEntry(id=entry.id, release=entry.release, by=entry.by)
    if as_json:
        typer.echo(json.dumps({**made.model_dump(), "supersedes": before, "notice": NOTICE}))
    else:
        instead = f", which supersedes {before}" if before else ""
        text = f"{made.by} signed the entry {made.id} of {made.release}{instead}. Use it: sonoedge model activate {made.release}."
        typer.echo(f"{text} {NOTICE.capitalize()}.")


def _parts(**given: str) -> Parts:
    texts = {name: _text(name, text).strip() for name, text in given.items()}
    for name, text in texts.items():
        if not text:
            raise LedgerRefused(f"The {PARTS[name]} is empty", f"State it with --{name} TEXT, or with --{name} @FILE")
        if len(text) > MOST:
            raise LedgerRefused(f"The {PARTS[name]} has {len(text)} characters, and {MOST} are allowed", "Shorten it, and name its source")
    return Parts.model_validate(texts)


def _text(name: str, given: str) -> str:
    if not given.startswith(FILE):
        return given
    path = Path(given.removeprefix(FILE))
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise LedgerRefused(f"The {PARTS[name]} in {path} cannot be read ({why})", "Name a text file after @") from error


def _on_shelf(shelf: Shelf, release: str) -> Subject | None:
    """None for a release that is not on the shelf, whose entries stay."""
    try:
        return subject_of(shelf.find(release)) if release else None
    except ModelUnusable:
        return None


def _texts(entries: tuple[Entry, ...], subject: Subject | None, standing: Standing | None) -> Iterator[str]:
    if subject is not None and standing is not None:
        what = f"The entry of {subject.ident} is complete" if standing is Standing.COMPLETE else refusal(standing, subject.ident).what
        yield f"{what}."
    yield from map(described, entries)


def _table(entries: tuple[Entry, ...]) -> list[str]:
    return columns([("entry", "release", "kind", "by", "on", "supersedes"), *map(row, entries)])


def _entries(settings: Settings, release: str | None) -> tuple[Entry, ...]:
    """To list makes no records where there are none yet."""
    if not settings.data.records.exists():
        return tuple(each for each in built_in() if release in (None, each.release))
    with closing(own_or_new_records(settings)) as store:
        return LedgerService.of(store).listed(shell_actor(), release)
