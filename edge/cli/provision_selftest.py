"""`sonoedge provision selftest`: whether this board works, with numbers, as a signed report."""

import importlib.metadata
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.progress import working
from edge.cli.provision_board import Installed, Root, installed, utc
from edge.disk.durable import make_folder, replace_file
from edge.settings import load_settings
from provisioning.boot.gate import judge, selftest_of
from provisioning.boot.owner import as_owner
from provisioning.boot.place import DEFAULT
from provisioning.identity.https import make_https
from provisioning.identity.statement import signed
from provisioning.selftest.board import Board
from provisioning.selftest.check import Level, State, run_checks
from provisioning.selftest.paper import as_pdf
from provisioning.selftest.report import Report, as_text, report_of
from provisioning.selftest.table import board_checks

LEVELS = "gate: after an update. field: on a visit. factory: before a hand-over."


def selftest(
    root: Root = DEFAULT,
    level: Annotated[Level, typer.Option("--level", help=LEVELS)] = Level.FIELD,
    into: Annotated[Path | None, typer.Option("--report", metavar="FOLDER", help="Write the signed report there, as JSON and PDF.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON on stdout.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the reason why it does not pass.")] = False,
) -> None:
    """Test this board and the appliance on it. What cannot be tested is stated. Exit status 1 if something essential fails."""
    board = installed(root)
    if into is not None:
        make_folder(into)  # a stick that is absent is stated before the tests
    with working("testing"):
        report = tested(board, level)
    if into is not None:
        _write(board, report, into)
    if as_json:
        typer.echo(report.model_dump_json())
    elif not quiet:
        typer.echo(as_text(report))
    elif report.verdict is State.FAILED:
        typer.echo(reason(report))
    raise typer.Exit(1 if report.verdict is State.FAILED else 0)


def tested(board: Installed, level: Level) -> Report:
    """The report of all checks of a level."""
    from edge.health.log import set_up_log  # noqa: PLC0415 - slow, and the other commands of this group do not need it
    from edge.health.selftest import appliance_checks  # noqa: PLC0415

    set_up_log("warning")
    checks = (*board_checks(Board(board.data.root, board.time_floor, place=board.place)), *appliance_checks(load_settings()))
    version = importlib.metadata.version("sonoedge")
    return report_of(run_checks(checks, level), level, board.device_id, version, utc())


def reason(report: Report) -> str:
    """Why a report did not pass, in one line."""
    wrong = [each for each in report.results if each.state is State.FAILED or (each.essential and each.state is State.NOT_TESTED)]
    return "; ".join(f"{each.name}: {each.detail}" for each in wrong) or "nothing was tested"


def run_gate(board: Installed, limit_s: float) -> str:
    """Why the release on trial does not pass its own self-test within `limit_s` seconds; empty where it does.

    It is asked again and again, as after a start: an appliance that is still starting has not failed.
    """
    selftest = selftest_of(board.place.current / "bin" / "sonoedge", "--root", str(board.place.root))
    with working("the release on trial tests itself"):
        return judge(selftest, lambda: True, limit_s, owner=as_owner(board.data.root))


def _write(board: Installed, report: Report, into: Path) -> None:
    device = board.device
    if device is None:
        typer.echo("The report is not signed: this board has no identity yet (sonoedge provision init).", err=True)
        replace_file(into / "selftest.json", report.model_dump_json(indent=2).encode())
        return
    replace_file(into / "selftest.json", signed(device, report))
    fingerprint = make_https(board.data.identity, device, utc()).authority.fingerprint
    replace_file(into / "selftest.pdf", as_pdf(report, fingerprint))
    typer.echo(f"report: {into / 'selftest.pdf'}", err=True)
