"""`sonoedge provision init`: gives a board its identity, its trust and its label."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.provision_board import AsJson, Installed, Root, prepared, utc
from edge.disk.digest import digest_of
from edge.disk.durable import make_folder, replace_file
from edge.disk.plain_file import read_plain
from provisioning.boot.pack import furnish
from provisioning.boot.place import DEFAULT
from provisioning.codes import ProvisionRefused
from provisioning.identity.device import make_device
from provisioning.identity.https import make_https
from provisioning.identity.label import label
from provisioning.identity.typeset import Form
from provisioning.trust.trust import require_root
from provisioning.update.offers import MOST_BYTES

NAME_IT = "Name the root.json of the publisher"
FORMS: tuple[Form, ...] = ("png", "svg")


def init(
    root: Root = DEFAULT,
    trusted_root: Annotated[
        Path | None, typer.Option("--trusted-root", metavar="FILE", help="The root.json of the people whose releases this board takes.")
    ] = None,
    labels: Annotated[Path | None, typer.Option("--label", metavar="FOLDER", help="Write the label of the board there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Set this board up: its key, its id, its certificates, and whose releases it trusts. You can run it again at any time."""
    board = prepared(root)
    device = make_device(board.data.identity)
    https = make_https(board.data.identity, device, utc())
    _give_to_owner(board)
    with board.selector.alone:
        furnish(board.selector.files, board.place)
    if trusted_root is not None:
        _trust(board, trusted_root)
    kept = board.place.trusted_root
    fingerprint = digest_of(kept) if kept.exists() else ""
    if labels is not None:
        make_folder(labels)
        for form in FORMS:
            replace_file(labels / f"label.{form}", label(device.id, https.authority.fingerprint, form))
    stated = {"device": device.id, "certificate": https.authority.fingerprint, "trusted_root": fingerprint}
    if as_json:
        typer.echo(json.dumps(stated))
        return
    trust = fingerprint or "none yet: run this again with --trusted-root FILE"
    rows = [("device", device.id), ("certificate (SHA-256)", stated["certificate"]), ("trusts root (SHA-256)", trust)]
    typer.echo("\n".join(columns(rows)))


def _trust(board: Installed, file: Path) -> None:
    """Stores whose releases the board takes. It cannot be replaced: a root changes only through a stick that the previous keys signed."""
    kept = board.place.trusted_root
    try:
        content = read_plain(file, MOST_BYTES, links=True)
    except OSError as error:
        raise ProvisionRefused("E-NOT-SET-UP", f"{file} cannot be read ({error.strerror})", NAME_IT) from error
    require_root(content, str(file))
    if kept.exists() and read_plain(kept, MOST_BYTES) != content:
        next_step = f"To give this board to other people, remove {board.place.trust} and run this again"
        raise ProvisionRefused("E-KEYS", "this board trusts another root already", next_step)
    make_folder(kept.parent)
    replace_file(kept, content)


def _give_to_owner(board: Installed) -> None:
    """Root makes the identity, and the user of the appliance uses it."""
    if os.geteuid() == 0:
        owner = board.data.root.stat()
        for path in (board.data.identity, *board.data.identity.iterdir()):
            os.chown(path, owner.st_uid, owner.st_gid)
