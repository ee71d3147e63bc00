"""`sonoedge feedback`: what studies tell of signs, and the course of a patient."""

import typer

from edge.cli.feedback_card import card
from edge.cli.feedback_course import course
from edge.cli.feedback_drift import drift
from edge.cli.feedback_figures import figures
from edge.cli.feedback_import import import_
from edge.cli.feedback_queue import queue
from edge.cli.feedback_recalibration import recalibration
from edge.cli.feedback_replay import replay
from edge.cli.feedback_sites import sites
from edge.cli.feedback_training_set import training_set

app = typer.Typer(help="Show what studies tell of signs, and the course of a patient.", no_args_is_help=True)
app.command("import")(import_)
app.command("course")(course)
app.command("figures")(figures)
app.command("card")(card)
app.command("drift")(drift)
app.command("queue")(queue)
app.command("replay")(replay)
app.command("training-set")(training_set)
app.command("sites")(sites)
app.command("recalibration")(recalibration)
