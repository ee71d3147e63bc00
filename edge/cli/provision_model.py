"""`sonoedge provision model`: the models on a stick, and their installation. Only `sonoedge model activate` puts one into use."""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.progress import working
from edge.cli.provision_board import AsJson, Installed, Root, changing, failure_as_appliance, prepared, utc
from edge.cli.provision_outcome import leaving, tell
from edge.cli.provision_stick import Where, source_of
from edge.notice import NOTICE
from provisioning.boot.files import make_folders, remove_tree
from provisioning.boot.place import DEFAULT
from provisioning.codes import ProvisionRefused
from provisioning.update.events import happened, stating
from provisioning.update.models import OfferedModel, models, named

app = typer.Typer(no_args_is_help=True)

Ident = Annotated[str, typer.Argument(metavar="MODEL", help="Its name and version, as `provision model list` prints them.")]


@app.command("list")
def list_(where: Where = "", root: Root = DEFAULT, as_json: AsJson = False) -> None:
    """List the models on a stick, after each signature was verified. Nothing is changed."""
    found = _found(prepared(root), where)
    if as_json:
        typer.echo(json.dumps([{"model": each.ident, "bytes": each.length} for each in found]))
    else:
        typer.echo("\n".join(columns([("model", "size"), *((each.ident, f"{each.length / 1e6:.1f} MB") for each in found)])))


@app.command()
def install(ident: Ident, where: Where = "", root: Root = DEFAULT, as_json: AsJson = False) -> None:
    """Install a model from a stick. It is not used before somebody activates it. Research use, not a diagnosis."""
    board = prepared(root)
    with changing(board), leaving(board, where), stating(board.selector):
        model = named(_found(board, where), ident, where or "the stick")
        with working(f"copying and checking {ident}"):
            _install(board, model)
        event = happened(board.selector, "OK-MODEL", f"Model {ident} is installed ({NOTICE})")
    tell(board, event, where, as_json=as_json)


def _found(board: Installed, where: str) -> tuple[OfferedModel, ...]:
    source = source_of(where)
    with working(f"verifying {source.name}"):
        return models(board.selector, source, utc())


def _install(board: Installed, model: OfferedModel) -> None:
    """As the user of the appliance. The list of the stick vouches for the bundle, so no key of its maker has to be on the board."""
    files, place = board.selector.files, board.place
    make_folders(files, place.incoming)
    copy: Path = place.incoming / f"{model.ident}.sonomodel"
    try:
        model.fetch(copy)
        why = failure_as_appliance(board, "model", "install", str(copy), "--unsigned")
    finally:
        remove_tree(files, place.incoming)
    if why:
        raise ProvisionRefused("E-MODEL", f"{model.ident} cannot be installed: {why}")
