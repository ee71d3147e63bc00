"""Finds the release that is named in a command of `sonoedge model`."""

from pathlib import Path
from typing import Annotated

import typer

from edge.cli.own import own_settings
from edge.inference.shelf import Shelf
from edge.settings import Settings

RELEASE = "A release of `sonoedge model list`, such as lung-m-0.3.0, or lung-m for its newest version; or the path of a folder."

Named = Annotated[str, typer.Argument(metavar="RELEASE", help=RELEASE)]
OnShelf = Annotated[str, typer.Argument(metavar="RELEASE", help=RELEASE.partition(";")[0] + ".")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


def settings_and_shelf() -> tuple[Settings, Shelf]:
    settings = own_settings()
    return settings, Shelf.of(settings.data_dir)


def folder_of(shelf: Shelf, named: str) -> Path:
    """The folder of a release. A name without a slash is searched on the shelf.

    Raises:
        ModelUnusable: the shelf has no such release.
    """
    return Path(named) if "/" in named else shelf.find(named)
