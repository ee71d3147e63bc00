"""`sonoedge backup`: make, list, check and restore copies of the records."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.exam_services import shell_actor
from edge.cli.own import own_records, own_settings
from edge.cli.progress import counting, working
from edge.records.audit.seal import Seal
from edge.records.backup.check import check_folder
from edge.records.backup.clip_copies import Copied
from edge.records.backup.description import Backup, backups_in
from edge.records.backup.restore import Cause, restore
from edge.records.errors import BackupUnusable
from edge.records.exams.reconcile import check_clips
from edge.records.exams.retention import MB
from edge.records.integrity import faults
from edge.records.notices import Notices
from edge.services.records_keeper import RecordsKeeper
from edge.services.settings import SettingsService
from edge.settings import Settings

UNSIGNED = "A person who had it may have changed it: afterwards compare the operators and the newest exams with what you know"

app = typer.Typer(no_args_is_help=True)

Folder = Annotated[
    Path | None, typer.Argument(metavar="[FOLDER]", help="A folder, such as one on a stick; otherwise the backup folders of the settings.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


@app.command()
def make(
    folder: Folder = None,
    as_json: AsJson = False,
    same_disk: Annotated[
        bool,
        typer.Option("--same-disk", help="Accept a folder on this disk, now and later, or one where the earlier backups are gone."),
    ] = False,
) -> None:
    """Back up the records now, also while the appliance runs; to another disk with the clips."""
    settings = own_settings()
    with _keeper(settings) as keeper:
        made = keeper.back_up(shell_actor(), folder, counting, same_disk=same_disk)
    for each in made:
        if not as_json:
            typer.echo(
                f"{each.folder / each.backup.file}: {each.backup.bytes / MB:.1f} MB, {each.backup.seq} entries of the audit trail, whole"
            )
        if each.clips is not None:
            _print_clips(each.clips)
    if as_json:
        typer.echo(json.dumps([_ready(each.folder, each.backup) for each in made]))


def _print_clips(copied: Copied) -> None:
    typer.echo(f"{copied.copied} clips copied, {copied.there} were there already", err=True)
    for name in copied.damaged:
        typer.echo(f"{name} differs from its record, and was not copied", err=True)
    for name in copied.absent:
        typer.echo(f"{name} is missing, and was not copied", err=True)


def _ready(folder: Path, backup: Backup) -> dict[str, object]:
    return {"folder": str(folder), **backup.model_dump(mode="json", exclude={"public", "signature"})}


@app.command("list")
def list_(folder: Folder = None, as_json: AsJson = False) -> None:
    """List the backups, the newest first, and whether this appliance signed them."""
    settings = own_settings()
    public = _public(settings)
    found = [(each, backup) for each in _folders(settings, folder) for backup in backups_in(each)]
    if as_json:
        signed = [{**_ready(each, backup), "signed": not backup.doubt(public)} for each, backup in found]
        typer.echo(json.dumps(signed))
        return
    rows = [
        (str(each / backup.file), f"{backup.at:%Y-%m-%d %H:%M} UTC", f"{backup.bytes / MB:.1f} MB", "no" if backup.doubt(public) else "yes")
        for each, backup in found
    ]
    typer.echo("\n".join(columns([("backup", "records as of", "size", "signed here"), *rows])) if rows else "No backup.")


@app.command("verify")
def verify_(folder: Folder = None) -> None:
    """Check the records, the clips and every backup completely. The exit status is 1 if anything is damaged, or there is no backup."""
    settings = own_settings()
    bad = [*_bad_records(settings)] if folder is None and settings.data.records.exists() else []
    for each in _folders(settings, folder):
        with counting("copies of clips") as progress:
            checked = check_folder(each, _public(settings), own=each == settings.data.backups, progress=progress)
        bad += checked.bad
        typer.echo("\n".join((f"{checked.backups} backups in {each} were checked", *checked.remarks)), err=True)
    typer.echo("\n".join(bad) if bad else "Everything is whole.")
    raise typer.Exit(1 if bad else 0)


def _bad_records(settings: Settings) -> Iterator[str]:
    path = settings.data.records
    with closing(own_records(settings)) as store:
        with working("records"):
            found_faults = faults(path, Seal.of(settings.data_dir).public, whole=True)
        yield from (f"{path}: {fault}" for fault in found_faults)
        with counting("clips") as progress:
            found = check_clips(store, settings.data_dir, progress)
    if found.absent or found.damaged:
        yield f"{found.absent} clips are missing and {found.damaged} damaged since the last check; the notices name them"


@app.command("restore")
def restore_(
    backup: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A backup of `sonoedge backup list`; otherwise the newest.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Restore a backup while no appliance runs. The current records move to the quarantine first, and are never deleted."""
    settings = own_settings()
    folder, found = _find(settings, backup)
    if doubt := found.doubt(_public(settings)):
        typer.echo(f"This appliance did not sign {folder / found.file}: {doubt}. {UNSIGNED}", err=True)
    question = f"Restore the records of {found.at:%Y-%m-%d %H:%M} UTC? Everything recorded since then moves to the quarantine"
    if not yes and not typer.confirm(question):
        raise typer.Exit(1)
    with working("checking and restoring"):
        restore(settings.data_dir, folder, found, Cause("asked for in the shell", shell_actor().name))
    typer.echo(f"{folder / found.file} is restored; the earlier records are in {settings.data.quarantine}.")


def _find(settings: Settings, named: Path | None) -> tuple[Path, Backup]:
    """The backup that a person names, signed by any key or none; otherwise the newest that this appliance signed."""
    folders, public = _folders(settings, None) if named is None else (named.parent,), _public(settings)
    found = [(folder, each) for folder in folders for each in backups_in(folder)]
    usable = [(folder, each) for folder, each in found if (not each.doubt(public) if named is None else each.file == named.name)]
    if not usable:
        none = "There is no backup that this appliance signed" if found else "There is no backup"
        raise BackupUnusable(f"{named} is not a backup" if named else none, "See sonoedge backup list FOLDER, and name the file to restore")
    return max(usable, key=lambda each: each[1].number)


@app.command("free")
def free(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be removed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove clips of exams that are signed and sent, if they are old or room is needed (settings keep_days, free_floor_mb)."""
    settings = own_settings()
    with _keeper(settings) as keeper, working("looking for clips"):
        removals = keeper.free(shell_actor(), dry_run=dry_run)
        in_doubt = keeper.clock_in_doubt
    if in_doubt:
        typer.echo("The clock is in doubt: nothing is removed for its age until the notice of the clock is marked as seen.", err=True)
    exams = [{"exam": each.folder, "clips": each.clips, "bytes": each.bytes, "why": each.why} for each in removals]
    if as_json:
        typer.echo(json.dumps({"removed": not dry_run, "exams": exams}))
        return
    rows = [(each.folder, f"{each.clips} clips", f"{each.bytes / MB:.1f} MB", each.why) for each in removals]
    typer.echo("\n".join(columns(rows)) if rows else "Nothing to remove.")
    if rows and dry_run:
        typer.echo("Nothing was removed: this was a dry run.")


def _folders(settings: Settings, named: Path | None) -> tuple[Path, ...]:
    return (settings.data.backups, *settings.other_backups) if named is None else (named,)


def _public(settings: Settings) -> str:
    """The appliance's public key; empty where it has none yet."""
    return Seal.of(settings.data_dir).public if settings.data.audit_key.exists() else ""


@contextmanager
def _keeper(settings: Settings) -> Iterator[RecordsKeeper]:
    with closing(own_records(settings)) as store:
        now = SettingsService(settings, store).now  # nobody changes them while the command runs
        yield RecordsKeeper(store, Notices(store), lambda: now)
