"""`sonoedge backup`: copies of the records, checked as they are made, and the way back."""

import getpass
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from edge.cli.columns import columns
from edge.records.audit.seal import Seal
from edge.records.backup.backups import Backup, Progress, backups_in, make_backup, verify
from edge.records.backup.clip_copies import DIGESTS, check_copies, copy_clips
from edge.records.backup.restore import Cause, restore
from edge.records.errors import BackupUnusable, RecordsUnusable
from edge.records.exams.reconcile import check_clips
from edge.records.exams.retention import MB, Policy, due, remove
from edge.records.integrity import faults
from edge.records.opening import open_records
from edge.records.store import Store
from edge.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True)

Folder = Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="Such as a stick's; else the backup folders of the settings.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


@app.command()
def make(folder: Folder = None, as_json: AsJson = False) -> None:
    """Back up the records now, also while the appliance runs; on another disk the clips as well."""
    settings = load_settings()
    made = []
    with closing(_records(settings)) as store:
        with store.write() as change:
            change.log(_me(), "backup.asked-for", "records", {"folders": [str(each) for each in _folders(settings, folder)]})
        for each in _folders(settings, folder):
            with _progress("records") as told:
                backup = make_backup(store, each, told)
            made.append({"folder": str(each), **backup.model_dump(mode="json", exclude={"public"})})
            if not as_json:
                typer.echo(f"{each / backup.file}: {backup.bytes / MB:.1f} MB, {backup.seq} entries of the audit trail, whole")
            if each != settings.data.backups:
                _copy_clips(store, settings, each)
    if as_json:
        typer.echo(json.dumps(made))


def _copy_clips(store: Store, settings: Settings, folder: Path) -> None:
    with _progress("clips") as told:
        copied = copy_clips(store, settings.data_dir, folder, told)
    typer.echo(f"{copied.copied} clips copied, {copied.there} were there already", err=True)
    for name in copied.damaged:
        typer.echo(f"{name} is not as it was recorded, and was not copied", err=True)
    for name in copied.absent:
        typer.echo(f"{name} is gone, and was not copied", err=True)


@app.command("list")
def list_(folder: Folder = None, as_json: AsJson = False) -> None:
    """List the backups that there are, the newest first."""
    settings = load_settings()
    found = [(each, backup) for each in _folders(settings, folder) for backup in backups_in(each)]
    if as_json:
        typer.echo(json.dumps([{"folder": str(each), **backup.model_dump(mode="json", exclude={"public"})} for each, backup in found]))
        return
    rows = [(str(each / backup.file), f"{backup.at:%Y-%m-%d %H:%M} UTC", f"{backup.bytes / MB:.1f} MB") for each, backup in found]
    typer.echo("\n".join(columns([("backup", "records as of", "size"), *rows])) if rows else "There is no backup.")


@app.command("verify")
def verify_(folder: Folder = None) -> None:
    """Read the records, the clips and every backup again, whole, and say what is damaged. Ends with 1 if anything is."""
    settings = load_settings()
    bad = [*_bad_records(settings)] if folder is None else []
    for each in _folders(settings, folder):
        for backup in backups_in(each):
            bad += _bad_backup(each, backup)
        if (each / DIGESTS).exists():
            with _progress("copies of clips") as told:
                bad += [f"{each / name} is gone or damaged" for name in check_copies(each, told)]
    typer.echo("\n".join(bad) if bad else "Everything is whole.")
    raise typer.Exit(1 if bad else 0)


def _bad_records(settings: Settings) -> Iterator[str]:
    path = settings.data.records
    if not path.exists():
        return
    with closing(_records(settings)) as store:
        yield from (f"{path}: {fault}" for fault in faults(path, Seal.of(settings.data_dir).public, whole=True))
        with _progress("clips") as told:
            found = check_clips(store, settings.data_dir, told)
    if found.absent or found.damaged:
        yield f"{found.absent} clips are gone and {found.damaged} damaged since the last time; the notices name them"


def _bad_backup(folder: Path, backup: Backup) -> list[str]:
    try:
        verify(folder, backup)
    except BackupUnusable as error:
        return [error.what]
    return []


@app.command("restore")
def restore_(
    backup: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="One of `sonoedge backup list`; else the newest.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Go back to a backup while no appliance runs. The present records are put aside in the quarantine first, and never deleted."""
    settings = load_settings()
    folder, found = _find(settings, backup)
    question = f"Go back to the records as of {found.at:%Y-%m-%d %H:%M} UTC? What was recorded since goes to the quarantine"
    if not yes and not typer.confirm(question):
        raise typer.Exit(1)
    restore(settings.data_dir, folder, found, Cause("asked for in the shell", _me()))
    typer.echo(f"{folder / found.file} is in place; the records from before lie in {settings.data.quarantine}.")


def _find(settings: Settings, named: Path | None) -> tuple[Path, Backup]:
    folders = _folders(settings, None) if named is None else (named.parent,)
    found = [(folder, each) for folder in folders for each in backups_in(folder) if named is None or each.file == named.name]
    if not found:
        raise BackupUnusable(f"there is no backup {named or 'at all'}", "See sonoedge backup list FOLDER; its .json lies beside it")
    return max(found, key=lambda each: each[1].number)


@app.command("free")
def free(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove the clips that retention lets go: of exams that are signed and sent, when they are old or room is needed."""
    settings = load_settings()
    with closing(_records(settings)) as store:
        removals = due(store, settings.data_dir, Policy(settings.keep_days, settings.free_floor_mb))
        for removal in () if dry_run else removals:
            remove(store, settings.data_dir, removal, _me())
    said = [{"exam": each.folder, "clips": each.clips, "bytes": each.bytes, "why": each.why} for each in removals]
    if as_json:
        typer.echo(json.dumps({"removed": not dry_run, "exams": said}))
        return
    rows = [(each.folder, f"{each.clips} clips", f"{each.bytes / MB:.1f} MB", each.why) for each in removals]
    typer.echo("\n".join(columns(rows)) if rows else "Nothing is to be removed.")
    if rows and dry_run:
        typer.echo("Nothing was removed: this was a dry run.")


def _folders(settings: Settings, named: Path | None) -> tuple[Path, ...]:
    if named is not None:
        return (named,)
    own = settings.data.backups
    return (own,) if settings.backup_dir is None else (own, settings.backup_dir)


def _records(settings: Settings) -> Store:
    if not settings.data.records.exists():
        raise RecordsUnusable(f"there are no records in {settings.data_dir}", "Set data_dir to the appliance's, and run this as its user")
    return open_records(settings.data_dir, () if settings.backup_dir is None else (settings.backup_dir,))


def _me() -> str:
    return f"shell ({getpass.getuser()})"


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
