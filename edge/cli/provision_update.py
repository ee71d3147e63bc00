"""`sonoedge provision update`, `confirm`, `rollback`, `history` and `start`: a release from a stick, on trial, active, and back."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.progress import working
from edge.cli.provision_board import AsJson, Installed, Root, back_up, changing, installed, prepared
from edge.cli.provision_outcome import leaving, tell
from edge.cli.provision_selftest import run_gate
from edge.cli.provision_stick import Where, found
from edge.notice import NOTICE
from provisioning.board import compat
from provisioning.boot import history as stored_history
from provisioning.boot.gate import LIMIT_S
from provisioning.boot.place import DEFAULT
from provisioning.codes import ProvisionRefused
from provisioning.update.changes import changes
from provisioning.update.engine import Engine, Offer, Progress
from provisioning.update.events import stating
from provisioning.update.install import PipInstaller
from provisioning.update.manifest import Facts
from provisioning.update.offers import best

app = typer.Typer(no_args_is_help=True)

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Within = Annotated[int, typer.Option("--within", min=1, metavar="SECONDS", help="The time that the release has to pass its self-test.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the history and the audit trail.")]


@app.command()
def check(where: Where = "", root: Root = DEFAULT, as_json: AsJson = False) -> None:
    """State what an update would change, and whether this board can apply it. Nothing is changed."""
    board = prepared(root)
    with leaving(board, where):
        offer = chosen(board, where)
        rows = changes(running(board), offer.facts)
        if as_json:
            typer.echo(json.dumps({"release": offer.facts.model_dump(mode="json"), "changes": [asdict(row) for row in rows]}))
            return
        _show(offer, board)


@app.command("apply")
def apply_(where: Where = "", root: Root = DEFAULT, yes: Yes = False, as_json: AsJson = False) -> None:
    """Put the newest release of a stick into the slot that does not run. The next start of the device tries it. Scanning can go on."""
    board = prepared(root)
    with changing(board), leaving(board, where):
        offer = chosen(board, where)
        if not yes:
            _show(offer, board)
            if not typer.confirm("Apply it?"):
                raise typer.Exit(1)
        with working(f"applying release {offer.facts.version}"):
            record = engine_of(board).apply(offer)
        tell(board, record.event, where, as_json=as_json)


def confirm(root: Root = DEFAULT, within: Within = LIMIT_S, as_json: AsJson = False) -> None:
    """Test a release on trial now, and make it the active one if it passes. The device does this by itself after a start."""
    board = prepared(root)
    with changing(board):
        record = board.selector.load()
        if not record.trial:
            raise ProvisionRefused("E-NO-TRIAL", "no release is on trial")
        why = run_gate(board, within)
        record = board.selector.fail(why) if why else board.selector.confirm()
    tell(board, record.event, None, as_json=as_json)


def rollback(root: Root = DEFAULT, why: Why = "asked for on the board", as_json: AsJson = False) -> None:
    """Return to the previous release, or end a trial. Every record stays."""
    board = prepared(root)
    with changing(board):
        record = engine_of(board).roll_back(why)
    tell(board, record.event, None, as_json=as_json)


def history(root: Root = DEFAULT, as_json: AsJson = False) -> None:
    """List every update, trial and rollback of this board, with its reason."""
    board = installed(root)
    listed = stored_history.events(board.selector.files, board.place)
    if as_json:
        typer.echo(json.dumps([asdict(event) for event in listed]))
        return
    typer.echo("\n".join(columns([(event.at, event.code, event.what) for event in listed])) if listed else "Nothing happened yet.")


def start(root: Root = DEFAULT) -> None:
    """Select the slot that starts, as the service does before each start: a release on trial has one start less then."""
    slot = prepared(root).selector.start()
    leads = f"slot {slot}" if slot else "the page that states that no slot can start"
    typer.echo(f"{root / 'current'} leads to {leads}")


def chosen(board: Installed, where: str) -> Offer:
    """The release of a source that this board should take, and can; a refusal of the source is in the history, too."""
    engine = engine_of(board)
    with stating(board.selector):
        active = board.selector.marks().get(board.selector.load().active)
        offer = best(found(board, where), active.counter if active else 0)
        engine.check(offer)
        return offer


def engine_of(board: Installed, progress: Progress = lambda text: typer.echo(text, err=True)) -> Engine:
    """The engine that changes the slots of a board."""
    return Engine(board.selector, PipInstaller(), compat(), lambda: back_up(board), progress)


def running(board: Installed) -> Facts | None:
    """The facts of the active release; None where an installer wrote its slot from a checkout."""
    active = board.selector.load().active
    path = board.place.manifest(active) if active else None
    return Facts.model_validate_json(path.read_bytes()) if path is not None and path.exists() else None


def _show(offer: Offer, board: Installed) -> None:
    rows = [(row.part, row.before, row.after, row.effect) for row in changes(running(board), offer.facts)]
    typer.echo("\n".join(columns([("part", "now", "then", "effect"), *rows])))
    typer.echo(f"Issued {offer.facts.issued_at:%Y-%m-%d}, {offer.length / 1e6:.0f} MB. {NOTICE}")
