"""`sonoedge model keygen` and `pack`: a hospital's own bundle, signed by its own key."""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.model_find import AsJson, Named, folder_of, settings_and_shelf
from edge.disk.signing import SigningKey, make_keys
from edge.inference.bundle import pack as pack_

Out = Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write it.")]


def keygen(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is, such as st-mary; appliances show it.")],
    out: Out = Path(),
) -> None:
    """Make a key to sign bundles with: NAME.pem, which you keep to yourself, and NAME.pub, which appliances trust."""
    private, public = make_keys(name, out)
    typer.echo(f"{private} signs: keep it away from appliances. Put {public} into model_keys of data_dir on those that shall trust it.")


def pack(
    release: Named,
    key: Annotated[Path, typer.Option(metavar="NAME.pem", help="The key to sign with, as `sonoedge model keygen` makes it.")],
    out: Out = Path(),
    as_json: AsJson = False,
) -> None:
    """Make a release one signed file, NAME-VERSION.sonomodel, to carry to appliances."""
    _, shelf = settings_and_shelf()
    signing = SigningKey.load(key)
    bundle = pack_(folder_of(shelf, release), out, signing)
    if as_json:
        typer.echo(json.dumps({"bundle": str(bundle), "bytes": bundle.stat().st_size, "signed_by": signing.name}))
    else:
        typer.echo(f"{bundle} is signed by {signing.name}. Install it: sonoedge model install {bundle.name}")
