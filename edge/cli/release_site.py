"""`sonoedge release delegate` and `policy`: whose key signs for a board, the models or a site, and what a site allows."""

from ipaddress import IPv4Network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from pydantic import ValidationError

from edge.cli.provision_board import utc
from edge.disk.keys import make_private_key
from provisioning.codes import ProvisionRefused
from provisioning.release.keys import signer
from provisioning.release.repository import Repository
from provisioning.site.policy import NAME, PORT, Policy
from provisioning.trust.client import FOLDERS, SITE
from provisioning.update.manifest import fault

Repo = Annotated[Path, typer.Argument(metavar="REPOSITORY", help="The folder of the signed lists and the releases.")]


def delegate(
    repository: Repo,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="models, boards-NAME or sites-NAME.")],
    key: Annotated[Path, typer.Argument(metavar="KEY.pem", help="Its key; made if there is no such file.")],
) -> None:
    """Let one more key sign for a board, the models or a site."""
    if not key.exists():
        make_private_key(key)
    Repository(repository, utc()).delegate(role, signer(key).public_key)
    typer.echo(f"{role} is listed; next: sonoedge release sign {repository} targets KEY.pem KEY.pem")


def policy(
    repository: Repo,
    site: Annotated[str, typer.Argument(metavar="SITE", help="The name of the site, as in its role sites-SITE.")],
    network: Annotated[
        list[IPv4Network] | None,
        typer.Option(
            "--network", metavar="NETWORK", parser=IPv4Network, help="Who can open the pages, such as 192.168.1.0/24; again for each."
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="The port of HTTPS.")] = PORT,
) -> None:
    """State which networks can open the pages of the boards of a site. Without --network, none can."""
    try:
        stated = Policy(site=site, issued_at=utc(), networks=tuple(network or ()), port=port)
    except ValidationError as error:
        raise ProvisionRefused("E-RELEASE", f"the policy cannot be used: {fault(error)}") from error
    with TemporaryDirectory() as folder:
        file = Path(folder) / NAME
        file.write_text(stated.model_dump_json(indent=2) + "\n")
        role = Repository(repository, utc()).add(f"{FOLDERS[SITE]}/{site}/{NAME}", file, {})
    typer.echo(f"the policy of {site} is listed; next: sonoedge release sign {repository} {role} KEY.pem")
