"""`sonoedge audit`: who did what, whether the trail is intact, and its export."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.own import own_records, own_settings, require_records
from edge.cli.pin import As, ask_pin
from edge.cli.progress import counting
from edge.health.log import set_up_log
from edge.people.actor import SHELL_ACTOR, Actor
from edge.records.audit.chain import describe
from edge.records.audit.export import write_export
from edge.records.audit.export_check import ExportVerdict, verify_export
from edge.records.audit.seal import Seal
from edge.records.audit.trail import StoredEntry
from edge.records.store import Store
from edge.services.audit import AuditService
from edge.services.people import PeopleService

EXIT_BROKEN = 2

app = typer.Typer(help="List, verify and export the audit trail.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Word = Annotated[str | None, typer.Option(help="Only entries with exactly this value.")]
Subject = Annotated[str | None, typer.Option(metavar="KIND/ID", help="Only entries of this record; the end of its id is enough.")]


@app.callback()
def _log() -> None:
    set_up_log("warning")


@contextmanager
def records(*, as_stored: bool = False) -> Iterator[Store]:
    """The records of this appliance, which may be running. `as_stored`: damage is reported, where a start would restore a backup.

    Raises:
        RecordUnknown: nothing has been recorded yet.
    """
    settings = own_settings()
    require_records(settings)
    with closing(Store(settings.data.records, Seal.of(settings.data_dir)) if as_stored else own_records(settings)) as store:
        yield store


@app.command("list")
def list_(
    actor: Word = None,
    act: Word = None,
    subject: Subject = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many entries.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List entries, newest first; `--json` prints one object per line."""
    with records() as store:
        entries = AuditService(store).newest(SHELL_ACTOR, limit, by=actor, act=act, subject=subject)
    lines = [json.dumps(_record(each)) for each in entries] if as_json else columns([_row(each) for each in entries])
    typer.echo("\n".join(lines) or "No entries match.", err=not lines)


@app.command()
def verify(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="An export; the default is this appliance's own records.")] = None,
    key: Annotated[str, typer.Option(metavar="FINGERPRINT", help="The key that must have signed the export.")] = "",
    as_json: AsJson = False,
) -> None:
    """Verify every entry. Exit status 0: the trail is intact. Exit status 2: it is broken, and the first broken entry is printed."""
    done = _verify_own() if file is None else _verify_export(file)
    wrong_key = bool(key) and not done.fingerprint.startswith(key.lower())
    if as_json:
        about = {"after": done.after, "fingerprint": done.fingerprint, "key_matches": not wrong_key if key else None}
        typer.echo(json.dumps({"whole": done.verdict.whole, **asdict(done.verdict), **about}))
    else:
        typer.echo("\n".join(_report(done, file, wrong_key)), err=wrong_key or not done.verdict.whole)
    if wrong_key or not done.verdict.whole:
        raise typer.Exit(EXIT_BROKEN)


@app.command("export")
def export_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as audit.jsonl.")],
    since: Annotated[int, typer.Option(metavar="SEQ", min=1, help="The first entry to export.")] = 1,
    badge: As = "",
    as_json: AsJson = False,
) -> None:
    """Export the trail with the public key and a signed head, for verification elsewhere. The export is recorded too."""
    with records() as store, counting("exporting") as counted:
        write_export(file, AuditService(store).export(_who(store, badge), since - 1, counted))
        newest, fingerprint = store.newest(), store.seal.fingerprint
    assert newest is not None
    if as_json:
        typer.echo(json.dumps({"file": str(file), "since": since, "newest": newest.seq, "hash": newest.hash, "fingerprint": fingerprint}))
    else:
        typer.echo(f"{file}: entries {since} to {newest.seq}, signed by the key {fingerprint}")


@app.command()
def head(as_json: AsJson = False) -> None:
    """Print the newest entry's number and digest, signed now. Store them elsewhere: they show later whether entries were removed."""
    with records() as store:
        signed = AuditService(store).head(SHELL_ACTOR)
    record = {**(signed.head.as_record() if signed.head else {"seq": 0}), "fingerprint": signed.fingerprint}
    typer.echo(json.dumps(record) if as_json else "\n".join(columns([(name, str(value)) for name, value in record.items()])))


@app.command("correct-clock")
def correct(badge: As = "", as_json: AsJson = False) -> None:
    """Use this machine's clock again, although later times were recorded while it was wrong. The correction is recorded too."""
    with records() as store:
        done = AuditService(store).correct_clock(_who(store, badge))
    record = {"latest": done.latest.isoformat(), "now": done.now.isoformat(), "entry": done.entry.seq}
    typer.echo(json.dumps(record) if as_json else f"The clock is used again from {done.now:%Y-%m-%d %H:%M} UTC (entry {done.entry.seq})")


def _who(store: Store, badge: str) -> Actor:
    """The actor of the command: an operator who signs in, or the board's shell."""
    return PeopleService.of(store).sign_in.here(badge, ask_pin(f"PIN of {badge}")) if badge else SHELL_ACTOR


def _verify_own() -> ExportVerdict:
    with records(as_stored=True) as store, counting("verifying") as counted:
        return ExportVerdict(AuditService(store).verify(SHELL_ACTOR, counted), 0, None, store.seal.fingerprint)


def _verify_export(file: Path) -> ExportVerdict:
    with counting("verifying") as counted:
        return verify_export(file, lambda count: counted(count, None))


def _report(done: ExportVerdict, file: Path | None, wrong_key: bool) -> list[str]:
    verdict, name = done.verdict, str(file or "The audit trail")
    fault = [f"{name} is broken: {describe(verdict.fault)}"] if verdict.fault else []
    fault += [f"{name} is signed with another key than the one given"] if wrong_key else []
    intact = [] if fault else [f"{name} is intact: entries {done.after + 1} to {done.after + verdict.entries}"]
    return [*fault, *intact, *verdict.remarks, f"Key {done.fingerprint}"]


def _record(stored: StoredEntry) -> dict[str, object]:
    record = stored.entry.as_record() if stored.entry else {"seq": stored.seq, "unreadable": True}
    return {**record, "hash": stored.hash}


def _row(stored: StoredEntry) -> tuple[str, ...]:
    entry = stored.entry
    if entry is None:
        return str(stored.seq), "unreadable: run sonoedge audit verify", "", "", "", ""
    detail = json.dumps(dict(entry.detail), ensure_ascii=False) if entry.detail else ""
    return str(entry.seq), f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.actor, entry.act, entry.subject, detail
