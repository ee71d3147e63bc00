"""`sonoedge audit`: who did what, whether the trail is whole, and its export for others."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from edge.cli.columns import columns
from edge.cli.pin import As, ask_pin
from edge.health.log import set_up_log
from edge.people.actor import SHELL_ACTOR, Actor
from edge.records.audit.chain import describe
from edge.records.audit.export import write_export
from edge.records.audit.export_check import ExportVerdict, verify_export
from edge.records.audit.seal import Seal
from edge.records.audit.trail import StoredEntry
from edge.records.errors import RecordUnknown
from edge.records.opening import open_records
from edge.records.store import Store
from edge.services.audit import AuditService
from edge.services.people import PeopleService
from edge.settings import load_settings

EXIT_BROKEN = 2

app = typer.Typer(help="List, verify and export the audit trail.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Word = Annotated[str | None, typer.Option(help="Only entries with exactly this.")]


@app.callback()
def _log() -> None:
    set_up_log("warning")


@contextmanager
def records(*, as_they_lie: bool = False) -> Iterator[Store]:
    """The records of this appliance, which may be running; `as_they_lie`: damage to be told, where a start would restore a backup.

    Raises:
        RecordUnknown: nothing was ever recorded.
    """
    settings = load_settings()
    folder = settings.data_dir
    if not settings.data.records.exists():
        raise RecordUnknown(f"nothing was ever recorded in {folder}", "Set data_dir to the appliance's data folder")
    backups = () if settings.backup_dir is None else (settings.backup_dir,)
    with closing(Store(settings.data.records, Seal.of(folder)) if as_they_lie else open_records(folder, backups)) as store:
        yield store


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on stderr that goes away."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


@app.command("list")
def list_(
    actor: Word = None,
    act: Word = None,
    subject: Word = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many entries.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List entries, newest first; `--json` prints one object a line."""
    with records() as store:
        kept = AuditService(store).newest(SHELL_ACTOR, limit, by=actor, act=act, subject=subject)
    lines = [json.dumps(_said(each)) for each in kept] if as_json else columns([_row(each) for each in kept])
    typer.echo("\n".join(lines) or "No such entries.", err=not lines)


@app.command()
def verify(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="An export; without it, this appliance's own records.")] = None,
    key: Annotated[str, typer.Option(metavar="FINGERPRINT", help="The key that has to have signed the export.")] = "",
    as_json: AsJson = False,
) -> None:
    """Verify every entry; ends with status 0 where all is whole, else with 2 and the name of the first entry that is not."""
    done = _verify_own() if file is None else _verify_export(file)
    wrong_key = bool(key) and not done.fingerprint.startswith(key.lower())
    if as_json:
        about = {"after": done.after, "fingerprint": done.fingerprint, "key_matches": not wrong_key if key else None}
        typer.echo(json.dumps({"whole": done.verdict.whole, **asdict(done.verdict), **about}))
    else:
        typer.echo("\n".join(_told(done, file, wrong_key)), err=wrong_key or not done.verdict.whole)
    if wrong_key or not done.verdict.whole:
        raise typer.Exit(EXIT_BROKEN)


@app.command("export")
def export_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as audit.jsonl.")],
    since: Annotated[int, typer.Option(metavar="SEQ", min=1, help="The first entry to export.")] = 1,
    badge: As = "",
    as_json: AsJson = False,
) -> None:
    """Export the trail with the public key and a signed head, for verification elsewhere; that is recorded too."""
    with records() as store, progress("exporting") as bar:
        write_export(file, AuditService(store).export(_who(store, badge), since - 1, bar))
        newest, fingerprint = store.newest(), store.seal.fingerprint
    assert newest is not None
    if as_json:
        typer.echo(json.dumps({"file": str(file), "since": since, "newest": newest.seq, "hash": newest.hash, "fingerprint": fingerprint}))
    else:
        typer.echo(f"{file}: entries {since} to {newest.seq}, signed by the key {fingerprint}")


@app.command()
def head(as_json: AsJson = False) -> None:
    """Print the newest entry's number and digest, signed now: kept elsewhere, it shows later that nothing was taken away."""
    with records() as store:
        signed = AuditService(store).head(SHELL_ACTOR)
    said = {**(signed.head.as_record() if signed.head else {"seq": 0}), "fingerprint": signed.fingerprint}
    typer.echo(json.dumps(said) if as_json else "\n".join(columns([(name, str(value)) for name, value in said.items()])))


@app.command("correct-clock")
def correct(badge: As = "", as_json: AsJson = False) -> None:
    """Go by this machine's clock again, although something later was recorded while it was wrong; that is recorded too."""
    with records() as store:
        done = AuditService(store).correct_clock(_who(store, badge))
    said = {"latest": done.latest.isoformat(), "now": done.now.isoformat(), "entry": done.entry.seq}
    typer.echo(json.dumps(said) if as_json else f"The clock counts again from {done.now:%Y-%m-%d %H:%M} UTC on (entry {done.entry.seq})")


def _who(store: Store, badge: str) -> Actor:
    """The actor of the command: an operator who signs in, or the board's shell."""
    return PeopleService.of(store).sign_in.here(badge, ask_pin(f"PIN of {badge}")) if badge else SHELL_ACTOR


def _verify_own() -> ExportVerdict:
    with records(as_they_lie=True) as store, progress("verifying") as bar:
        return ExportVerdict(AuditService(store).verify(SHELL_ACTOR, bar), 0, None, store.seal.fingerprint)


def _verify_export(file: Path) -> ExportVerdict:
    with progress("verifying") as bar:
        return verify_export(file, lambda count: bar(count, None))


def _told(done: ExportVerdict, file: Path | None, wrong_key: bool) -> list[str]:
    verdict, name = done.verdict, str(file or "The audit trail")
    fault = [f"{name} is broken: {describe(verdict.fault)}"] if verdict.fault else []
    fault += [f"{name} is signed by another key than the one given"] if wrong_key else []
    whole = [] if fault else [f"{name} is whole: entries {done.after + 1} to {done.after + verdict.entries}"]
    return [*fault, *whole, *verdict.remarks, f"Key {done.fingerprint}"]


def _said(kept: StoredEntry) -> dict[str, object]:
    said = kept.entry.as_record() if kept.entry else {"seq": kept.seq, "unreadable": True}
    return {**said, "hash": kept.hash}


def _row(kept: StoredEntry) -> tuple[str, ...]:
    entry = kept.entry
    if entry is None:
        return str(kept.seq), "unreadable: see sonoedge audit verify", "", "", "", ""
    detail = json.dumps(dict(entry.detail), ensure_ascii=False) if entry.detail else ""
    return str(entry.seq), f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.actor, entry.act, entry.subject, detail
