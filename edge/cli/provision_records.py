"""`sonoedge provision backup`, `restore` and `doctor`: the commands of the same names, where a technician looks for them."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="A folder, such as one on a stick; else those of the settings.")]
File = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A backup of `sonoedge backup list`; otherwise the newest.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


def backup(folder: Folder = None, as_json: AsJson = False) -> None:
    """Back up the records now, as `sonoedge backup make` does."""
    from edge.cli.backup import make  # noqa: PLC0415 - slow, and most commands of this group need no records

    make(folder, as_json)


def restore(file: File = None, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Restore a backup while no appliance runs, as `sonoedge backup restore` does."""
    from edge.cli.backup import restore_  # noqa: PLC0415

    restore_(file, yes)


def doctor(as_json: AsJson = False) -> None:
    """Check what works on this machine, as `sonoedge doctor` does."""
    from edge.cli.doctor import doctor as examine  # noqa: PLC0415

    examine(as_json, None, None)
