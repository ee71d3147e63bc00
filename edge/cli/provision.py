"""`sonoedge provision`: sets a board up, updates it from a stick, tests it, rolls it back and hands it over. No network is needed."""

import json
from dataclasses import asdict

import typer

from edge.cli.columns import columns
from edge.cli.provision_board import AsJson, Root, installed
from edge.cli.provision_clock import app as clock_app
from edge.cli.provision_hand_over import support, wipe
from edge.cli.provision_init import init
from edge.cli.provision_model import app as model_app
from edge.cli.provision_records import backup, doctor, restore
from edge.cli.provision_requested import requested
from edge.cli.provision_selftest import selftest
from edge.cli.provision_site import app as site_app
from edge.cli.provision_stick import app as stick_app
from edge.cli.provision_update import app as update_app
from edge.cli.provision_update import confirm, history, rollback, start
from provisioning.board import compat
from provisioning.boot import moves
from provisioning.boot.place import DEFAULT

app = typer.Typer(help="Set up, update, test, roll back and hand over this board. No network is needed.", no_args_is_help=True)
app.add_typer(stick_app, name="stick", help="Look at a stick with releases.")
app.add_typer(update_app, name="update", help="Check and apply a release from a stick.")
app.add_typer(model_app, name="model", help="List and install the models on a stick.")
app.add_typer(site_app, name="site", help="Open the pages to the networks of a site, as its signed policy states it.")
app.add_typer(clock_app, name="clock", help="Show and set the clock of this board.")
for command in (init, selftest, confirm, rollback, history, start, support, wipe, backup, restore, doctor, requested):
    app.command()(command)


@app.command()
def status(root: Root = DEFAULT, as_json: AsJson = False) -> None:
    """Show the device, its slots, the release that runs, a trial, and what happened last."""
    board = installed(root)
    record, marks = board.selector.load(), board.selector.marks()
    if as_json:
        slots = {slot: asdict(mark) for slot, mark in marks.items()}
        stated = {**asdict(record), "runs": moves.runs(record), "slots": slots, "device": board.device_id, "compat": compat()}
        typer.echo(json.dumps(stated))
        return
    rows = [("device", board.device_id or "not set up: sonoedge provision init"), ("board", compat())]
    for slot, mark in marks.items():
        states = {record.trial: f"on trial, {record.starts_left} starts left", record.active: "active", record.previous: "previous"}
        rows.append((f"slot {slot}", f"{mark.version} (number {mark.counter}), {states.get(slot, 'not used')}"))
    if not marks:
        rows.append(("slots", "none can start"))
    if (event := record.event) is not None:
        rows += [("last", f"{event.code}: {event.what}"), ("", event.at)]
    typer.echo("\n".join(columns(rows)))
