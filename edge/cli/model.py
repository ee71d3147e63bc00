"""`sonoedge model`: lists, shows, checks, installs and changes the model releases of the appliance."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.model_accept import accept
from edge.cli.model_acceptances import acceptances, withdraw
from edge.cli.model_change import activate, rollback, shadow
from edge.cli.model_find import AsJson, Named, folder_of, settings_and_shelf
from edge.cli.model_ledger import app as ledger
from edge.cli.model_sign import keygen, pack
from edge.cli.model_text import described, record
from edge.cli.model_try import bench, verify
from edge.cli.progress import working
from edge.disk.durable import replace_file
from edge.disk.signing import trusted_keys
from edge.health.log import set_up_log
from edge.inference.errors import ModelUnusable
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf, Shelved
from edge.notice import NOTICE

app = typer.Typer(help="List, check, install and change model releases. Research use, not a diagnosis.", no_args_is_help=True)


@app.callback()
def _log() -> None:
    """Logs go to stderr, so that stdout holds only the command's output."""
    set_up_log("warning")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the installed releases: the active one, who signed each, and the problem of each unusable one."""
    settings, shelf = settings_and_shelf()
    with working("checking the releases"):
        releases, damage = shelf.releases(), None
    try:
        active, previous = shelf.active(), shelf.previous()
    except ModelUnusable as error:
        active, previous, damage = None, None, error
    if as_json:
        records = [{**asdict(each), "folder": str(each.folder), "active": each.ident == active} for each in releases]
        typer.echo(
            json.dumps({"active": active, "previous": previous, "named": settings.model and str(settings.model), "releases": records})
        )
    else:
        states = {previous: "previous", active: "active"}
        typer.echo("\n".join(columns([(each.ident, states.get(each.ident, ""), _origin(each), each.problem or "") for each in releases])))
        if active is None and not damage:
            typer.echo("No release is active. Using the most accurate built-in model that is fast enough for this board.", err=True)
    if settings.model:
        typer.echo(f"The settings name {settings.model}: it is used instead of the active release.", err=True)
    if damage:
        raise damage


def _origin(each: Shelved) -> str:
    if each.built_in:
        return "built in"
    return f"signed by {each.signed_by}" if each.signed_by else "UNSIGNED"


@app.command()
def show(
    release: Named,
    as_json: AsJson = False,
    card: Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write the model card to a file, for a browser.")] = None,
) -> None:
    """Show the purpose of a release, its calibration and thresholds, its data and licences. Research use, not a diagnosis."""
    _, shelf = settings_and_shelf()
    found = ModelRelease.load(folder_of(shelf, release))
    typer.echo(json.dumps(record(found)) if as_json else described(found))
    if card is not None:
        try:
            replace_file(card, found.card.encode())
        except OSError as error:
            raise ModelUnusable(
                f"{card} cannot be written ({error.strerror})", "Choose a folder in which this user can write files"
            ) from error
        typer.echo(f"The model card is in {card}", err=True)


@app.command()
def install(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A bundle, NAME-VERSION.sonomodel, or a release folder.")],
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Accept a folder, or a bundle without a trusted signature, if you know its origin.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a release and install it on this appliance. It is not used before you activate it.

    The appliance accepts bundles signed with a trusted key. The trusted public keys are the files NAME.pub in model_keys of data_dir.
    """
    settings, shelf = settings_and_shelf()
    with working("checking and copying"):
        ident = shelf.install(path, trusted_keys(settings.data.model_keys), unsigned=unsigned)
        found = _shelved(shelf, ident)
    if as_json:
        typer.echo(json.dumps({"installed": ident, "folder": str(found.folder), "signed_by": found.signed_by, "notice": NOTICE}))
    else:
        then = f"Sign its ledger entry: sonoedge model ledger add {ident}. Then use it: sonoedge model activate {ident}"
        typer.echo(f"{ident} is installed ({_origin(found)}). {then}. {NOTICE.capitalize()}.")


def _shelved(shelf: Shelf, ident: str) -> Shelved:
    return next(each for each in shelf.releases() if each.ident == ident)


app.command()(verify)
app.command()(activate)
app.command()(rollback)
app.command()(shadow)
app.add_typer(ledger, name="ledger")
app.command()(accept)
app.command()(acceptances)
app.command()(withdraw)
app.command()(bench)
app.command()(keygen)
app.command()(pack)
