"""`sonoedge provision site`: opens the pages of this board to the networks of a site, as a signed policy states it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.progress import working
from edge.cli.provision_board import AsJson, Root, changing, installed, prepared, utc
from edge.cli.provision_stick import Where, source_of
from edge.cli.provision_update import leaving, tell
from edge.disk.durable import replace_file
from provisioning.boot.place import DEFAULT
from provisioning.identity.device import load_device
from provisioning.identity.https import make_authority
from provisioning.site.firewall import UNITS
from provisioning.site.policy import Policy, policy_of
from provisioning.site.site import join
from provisioning.site.site import leave as leave_
from provisioning.update.events import stating

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Option("--site", metavar="NAME", help="The name of the site; needed the first time only.")]
Units = Annotated[Path, typer.Option("--units", metavar="FOLDER", help="Where the unit of the service is.", show_default=str(UNITS))]


@app.command()
def apply(where: Where = "", site: Name = "", root: Root = DEFAULT, units: Units = UNITS, as_json: AsJson = False) -> None:
    """Take the policy of a site from a stick. From the next start on, the pages open to its networks, over HTTPS."""
    board = prepared(root)
    with changing(board), leaving(board, where), stating(board.selector):
        source = source_of(where)
        with working(f"verifying {source.name}"):
            happened = join(board.selector, source, site, utc(), units)
    tell(board, happened, where, as_json=as_json)


@app.command()
def leave(root: Root = DEFAULT, units: Units = UNITS, as_json: AsJson = False) -> None:
    """Leave the site: from the next start on, the pages open on the board itself only. Every record stays."""
    board = prepared(root)
    with changing(board), stating(board.selector):
        happened = leave_(board.selector, units)
    tell(board, happened, None, as_json=as_json)


@app.command()
def show(root: Root = DEFAULT, as_json: AsJson = False) -> None:
    """Show the site, the address for tablets, and the fingerprint that each tablet has to show once."""
    board = installed(root)
    policy, device = policy_of(board.place), board.device
    address = f"https://{device.host}:{policy.port}/" if device and policy and policy.networks else ""
    fingerprint = make_authority(board.data.identity, device).fingerprint if device else ""
    if as_json:
        stated = policy.model_dump(mode="json") if policy else {"site": ""}
        typer.echo(json.dumps({**stated, "address": address, "certificate": fingerprint}))
        return
    typer.echo("\n".join(columns([*_rows(policy, address), ("certificate (SHA-256)", fingerprint or "none: sonoedge provision init")])))


@app.command()
def certificate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it, such as /media/stick/sonoedge.crt.")],
    root: Root = DEFAULT,
) -> None:
    """Write the certificate that tablets install, so that they trust the pages of this board."""
    board = prepared(root)
    device = load_device(board.data.identity)
    replace_file(file, make_authority(board.data.identity, device).pem.encode())
    typer.echo(f"{file} is written. Install it on each tablet as a certificate authority")


def _rows(policy: Policy | None, address: str) -> list[tuple[str, str]]:
    if policy is None:
        return [("site", "none: the pages open on the board itself only")]
    networks = ", ".join(map(str, policy.networks)) or "none"
    return [
        ("site", policy.site),
        ("networks", networks),
        ("issued", f"{policy.issued_at:%Y-%m-%d}"),
        ("tablets open", address or "nothing"),
    ]
