"""`sonoedge feedback`: what studies tell of signs, and the course of a patient."""

import typer

from edge.cli.feedback_course import course
from edge.cli.feedback_figures import figures
from edge.cli.feedback_import import import_

app = typer.Typer(help="Show what studies tell of signs, and the course of a patient.", no_args_is_help=True)
app.command("import")(import_)
app.command("course")(course)
app.command("figures")(figures)
