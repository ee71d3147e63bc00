"""`sonoedge provision support` and `wipe`: what leaves a board with a person who helps, and what is left when it is given away."""

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.progress import working
from edge.cli.provision_board import AsJson, Root, installed, utc
from edge.cli.provision_selftest import tested
from edge.disk.durable import replacing
from edge.settings import load_settings
from provisioning.boot import history
from provisioning.boot.place import DEFAULT
from provisioning.codes import ProvisionRefused
from provisioning.selftest.board import Board
from provisioning.selftest.check import Level
from provisioning.support.bundle import NEVER, Material, support_bundle
from provisioning.wipe.files import DiskFiles
from provisioning.wipe.wipe import CERTIFICATE, Wiped, resume_wipe
from provisioning.wipe.wipe import wipe as wipe_


def support(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="The file to write, such as on a stick.")],
    log: Annotated[Path | None, typer.Option("--log", metavar="FILE", help="The log: journalctl -u sonoedge -o cat > FILE")] = None,
    root: Root = DEFAULT,
) -> None:
    """Write a file for the people who help, without anything of a patient or a person: only what a list allows is in it."""
    board = installed(root)
    lines = log.read_text(errors="replace").splitlines() if log is not None else ()
    with replacing(file) as written, working("testing and collecting"):  # a stick that is full or absent is stated before the tests
        content = support_bundle(
            Material(
                device=board.device_id,
                made_at=utc(),
                board=Board(board.data.root, board.time_floor, place=board.place),
                settings=load_settings(),
                selftest=tested(board, Level.FIELD),
                history=[asdict(event) for event in history.events(board.selector.files, board.place)],
                log=lines,
            )
        )
        written.write(content)
    typer.echo(f"{file}: {len(content) / 1000:.0f} kB. It never holds:\n" + "\n".join(f"- {each}" for each in NEVER))


def wipe(
    device: Annotated[str, typer.Argument(metavar="DEVICE_ID", help="The id on the label, to be sure that it is this board.")] = "",
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="A copy of the signed certificate, such as on a stick.")
    ] = None,
    root: Root = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Erase everything that was recorded on this board, before it is given away. A wipe that was cut goes on when you run this again."""
    from edge.records.use import OnlyAppliance  # noqa: PLC0415 - slow, and needed only here

    board = installed(root)
    with ExitStack() as leaving, working("erasing"):
        leaving.callback(OnlyAppliance(board.data.root).leave)
        done = resume_wipe(DiskFiles(), board.data)
        if done is None:
            if not device:
                raise ProvisionRefused("E-ID", "the id of the device is missing", f"Type it after the command: {board.device_id}")
            if (identity := board.device) is None:
                raise ProvisionRefused("E-NOT-SET-UP", "this board has no identity, so nothing can sign its certificate")
            copies = () if certificate is None else (certificate.absolute(),)
            done = wipe_(DiskFiles(), board.data, identity, device, utc(), copies=copies)
    _tell(done, board.data.root / CERTIFICATE, as_json=as_json)
    if board.place.site.exists():
        typer.echo("This board still belongs to a site. Next: sudo sonoedge provision site leave", err=True)


def _tell(done: Wiped, stored: Path, *, as_json: bool) -> None:
    if as_json:
        typer.echo(done.certificate.model_dump_json())
    else:
        typer.echo(f"Erased {done.certificate.files} files, {done.certificate.bytes / 1e6:.1f} MB. Certificate: {stored}")
    for path in done.unwritten:
        typer.echo(f"{path} does not take the certificate; copy it from {stored}", err=True)
