"""`sonoedge provision site`: opens the pages of this board to the networks of a site, as a signed policy states it."""

import json
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.progress import working
from edge.cli.provision_board import AsJson, Installed, Root, as_appliance, changing, installed, prepared, utc
from edge.cli.provision_outcome import leaving, left_on, tell
from edge.cli.provision_stick import Where, source_of
from edge.disk.durable import replace_file
from provisioning.boot.place import DEFAULT
from provisioning.boot.record import Event
from provisioning.identity.device import load_device
from provisioning.identity.https import make_authority
from provisioning.site.firewall import UNITS
from provisioning.site.opened import Site, site_of
from provisioning.site.policy import Policy, policy_of
from provisioning.site.site import has_news, join
from provisioning.site.site import leave as leave_
from provisioning.sticks import is_ours
from provisioning.update.events import stating
from provisioning.update.offers import verified
from provisioning.update.outcome import Outcome

app = typer.Typer(no_args_is_help=True)

Name = Annotated[
    str, typer.Option("--site", metavar="NAME", help="The name of the site; needed once, if the stick has policies of more than one.")
]
PluggedIn = Annotated[
    bool, typer.Option("--plugged-in", help="As the image does when a stick comes: one without a new policy is left alone.")
]
OPEN_NETWORK = ("systemctl", "restart", "--no-block", "systemd-networkd", "systemd-resolved", "sonoedge")
"""On an image, at the first policy: before it, nobody can open a page, so nobody examines anyone."""
Units = Annotated[Path, typer.Option("--units", metavar="FOLDER", help="Where the unit of the service is.", show_default=str(UNITS))]


@app.command()
def apply(
    where: Where = "",
    site: Name = "",
    plugged_in: PluggedIn = False,
    root: Root = DEFAULT,
    units: Units = UNITS,
    as_json: AsJson = False,
) -> None:
    """Take the policy of a site from a stick. From the next start on, the pages open to its networks, over HTTPS."""
    board = prepared(root)
    if plugged_in and not is_ours(Path(where)):
        return
    with changing(board), leaving(board, where), stating(board.selector):
        source = source_of(where)
        with working(f"verifying {source.name}"):
            believed = verified(board.selector, source, utc())
            if plugged_in and not has_news(board.place, believed):
                return
            first = policy_of(board.place) is None
            happened = join(board.selector, believed, site, units)
    tell(board, happened, None if plugged_in else where, as_json=as_json)
    if plugged_in:
        left_on(where, _welcome(board, happened))
        if first:
            subprocess.run(OPEN_NETWORK, check=False)


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
    site, device = site_of(board.place, board.data.identity), board.device
    policy = site.policy if site else None
    address = site.address if site and device else ""
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


def _welcome(board: Installed, happened: Event) -> Outcome:
    """What a person needs who has only the stick: how a tablet opens the page, and how the first administrator enrols."""
    device, opened = load_device(board.data.identity), Site(board.place, board.data.identity).address
    fingerprint = make_authority(board.data.identity, device).fingerprint
    code = as_appliance(board, "operator", "code").stdout.strip()
    words = [happened.what, f"Tablets open {opened}", f"The certificate of the board has the SHA-256 {fingerprint}"]
    if code:
        words.append(f"The first administrator needs the one-time code {code}")
    return Outcome.of(happened.code, ". ".join(words), device.id, utc(), f"Open {opened} on a tablet in one of these networks")
