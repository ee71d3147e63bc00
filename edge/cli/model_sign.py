"""`sonoedge model keygen` and `pack`: make a hospital's own bundle, signed with its own key."""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.model_find import AsJson, Named, folder_of, settings_and_shelf
from edge.cli.progress import working
from edge.disk.signing import SigningKey, make_keys
from edge.inference.bundle import pack as pack_

Out = Annotated[Path, typer.Option(metavar="FOLDER", help="The folder to write to.")]


def keygen(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The owner of the key, such as st-mary; appliances show this name.")],
    out: Out = Path(),
) -> None:
    """Make a key to sign bundles: NAME.pem, which you keep secret, and NAME.pub, which appliances trust."""
    private, public = make_keys(name, out)
    typer.echo(f"{private} is the secret signing key: never copy it to an appliance.")
    typer.echo(f"{public} is the public key: copy it into model_keys of data_dir on appliances that should trust it.")


def pack(
    release: Named,
    key: Annotated[Path, typer.Option(metavar="NAME.pem", help="The signing key, made by `sonoedge model keygen`.")],
    out: Out = Path(),
    as_json: AsJson = False,
) -> None:
    """Pack a release into one signed file, NAME-VERSION.sonomodel, to bring to appliances."""
    _, shelf = settings_and_shelf()
    signing = SigningKey.load(key)
    with working("packing"):
        bundle = pack_(folder_of(shelf, release), out, signing)
    if as_json:
        typer.echo(json.dumps({"bundle": str(bundle), "bytes": bundle.stat().st_size, "signed_by": signing.name}))
    else:
        typer.echo(f"{bundle} is signed by {signing.name}. Install it: sonoedge model install {bundle.name}")
