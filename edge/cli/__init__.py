"""`sonoedge`: one file a verb group. Only the verb that is asked for is imported, so that help comes at once on a small board."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

INTERRUPTED = 130
"""Exit status after Ctrl-C."""

try:
    import typer

    from firmware_bridge.errors import SonoEdgeError
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)

HELP = "SonoEdge: an offline appliance for ultrasound AI at the point of care. Research use, not a diagnosis."


@dataclass(frozen=True, slots=True)
class Verb:
    """`place` is module:name of a function, or of a typer app for a group."""

    name: str
    place: str
    help: str


VERBS = (
    Verb("run", "edge.cli.run:run", "Run the appliance on a source until Ctrl-C."),
    Verb("demo", "edge.cli.demo:demo", "Show the appliance with a virtual probe: a simulated chest, or a recording."),
    Verb("infer", "edge.cli.infer:infer", "Read recordings and print what each clip shows."),
    Verb("exam", "edge.cli.exam:app", "List, show and export exams, or read a patient's recordings as one."),
    Verb("operator", "edge.cli.operator:app", "Enrol operators, give roles, enter credentials, unlock."),
    Verb("protocol", "edge.cli.protocol:app", "List, show and check exam protocols."),
    Verb("model", "edge.cli.model:app", "List, check, install and change model releases."),
    Verb("reread", "edge.cli.reread:reread", "Read recorded exams again with a candidate release, and print what would change."),
    Verb("probe", "edge.cli.probe:app", "List, watch, record and replay probes, or play one."),
    Verb("backup", "edge.cli.backup:app", "Back up the records, check and list backups, and go back to one."),
    Verb("audit", "edge.cli.audit:app", "List, verify and export the audit trail, or correct the clock."),
    Verb("doctor", "edge.cli.doctor:doctor", "Say what works on this machine, what does not, and what to do."),
    Verb("bench", "edge.cli.bench:app", "Measure the pipeline and the link."),
)


def build(asked: str) -> typer.Typer:
    """The command line on which the verb `asked` can run and the others can be listed."""
    app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_options)
    for verb in VERBS:
        found = _find(verb.place) if verb.name == asked else _not_asked
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=verb.name, help=verb.help)
        else:
            app.command(verb.name, help=verb.help if found is _not_asked else None)(found)
    return app


def main() -> None:
    """The console script."""
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    try:
        build(asked)()
    except SonoEdgeError as error:
        sys.stderr.write(f"sonoedge: {error}\n")
        sys.exit(error.exit_status)
    except KeyboardInterrupt:  # a verb's modules were still being imported; later, typer ends the same way
        sys.exit(INTERRUPTED)


def _find(place: str) -> Callable[..., None] | typer.Typer:
    module, name = place.split(":")
    return cast("Callable[..., None] | typer.Typer", getattr(import_module(module), name))


def _not_asked() -> None:
    """Stands in the list of verbs for one that is not run now."""


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow, and wanted here only

        typer.echo(version("sonoedge"))
        raise typer.Exit


def _options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version and end."),
) -> None:
    pass
