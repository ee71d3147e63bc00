"""`sonoedge`: one module for each group of commands. Only the command that runs is imported, so help appears at once on a small board."""

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn, cast

PROGRAM = "sonoedge"
COMPLETES = "_SONOEDGE_COMPLETE"
COMPLETED = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""The variable that asks to complete words, and those in which bash, or another shell, gives them."""
INTERRUPTED = 130
"""Exit status after Ctrl-C."""

try:
    import typer

    from firmware_bridge.child import give_way
    from firmware_bridge.errors import REFUSED, SonoEdgeError
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)

HELP = "SonoEdge: an offline appliance for ultrasound AI at the point of care. Research use, not a diagnosis."


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of the list. `place` is `module:name` of a function, or of a typer app for a group of commands.

    One that `gives_way` may work for minutes, and leaves the processor to an appliance that runs here.
    """

    name: str
    place: str
    help: str
    gives_way: bool = False


COMMANDS = (
    Command("run", "edge.cli.run:run", "Run the appliance on a source until Ctrl-C."),
    Command("demo", "edge.cli.demo:demo", "Show the appliance with a virtual probe: a simulated chest, or a recording."),
    Command("infer", "edge.cli.infer:infer", "Read recordings and print what each clip shows.", gives_way=True),
    Command("exam", "edge.cli.exam:app", "List, show and export exams, or read a patient's recordings as one exam.", gives_way=True),
    Command("operator", "edge.cli.operator:app", "Enrol operators, grant roles, enter credentials, unlock sign-in."),
    Command("protocol", "edge.cli.protocol:app", "List, show and check exam protocols."),
    Command("model", "edge.cli.model:app", "List, check, install and change model releases."),
    Command("reread", "edge.cli.reread:reread", "Read recorded exams again with a candidate, and print what would change.", gives_way=True),
    Command("probe", "edge.cli.probe:app", "List, watch, check, record and replay probes, or emulate one."),
    Command("backup", "edge.cli.backup:app", "Back up the records, check and list backups, or restore one.", gives_way=True),
    Command("audit", "edge.cli.audit:app", "List, verify and export the audit trail, or correct the clock.", gives_way=True),
    Command("outbox", "edge.cli.outbox:app", "List, show, retry and cancel what is sent to the hospital."),
    Command("export", "edge.cli.export:app", "Write exams to a stick for a receiver, open them there, receive reviews.", gives_way=True),
    Command("hospital", "edge.cli.hospital:app", "Show and check the peers of the hospital, its worklist and its patients."),
    Command("feedback", "edge.cli.feedback:app", "Show what studies tell of signs, and the course of a patient.", gives_way=True),
    Command("provision", "edge.cli.provision:app", "Set up, update, test, roll back and hand over this board.", gives_way=True),
    Command("release", "edge.cli.release:app", "Build, sign and publish releases for boards, on a stick.", gives_way=True),
    Command("doctor", "edge.cli.doctor:doctor", "Check what works on this machine, what does not, and what to do."),
    Command("bench", "edge.cli.bench:app", "Measure speed and size on this machine."),
)


def build(asked: str) -> typer.Typer:
    """The command line: the command `asked` can run, all others are only listed."""
    app = typer.Typer(
        help=HELP, no_args_is_help=True, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
    )
    app.callback()(_options)
    for command in COMMANDS:
        found = _find(command.place) if command.name == asked else _not_run
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=command.name, help=command.help)
        else:
            app.command(command.name, help=command.help if found is _not_run else None)(found)
    return app


def main() -> None:
    """The console script."""
    asked = next((word for word in _words() if not word.startswith("-")), "")
    if any(command.name == asked and command.gives_way for command in COMMANDS):
        give_way()
    try:
        app = _without_collector(lambda: build(asked))
        sys.exit(app(prog_name=PROGRAM, standalone_mode=False))
    except SonoEdgeError as error:
        _refuse(error)
    except typer.TyperException as error:
        _explain_usage(error)
    except typer.Abort:
        sys.stderr.write("sonoedge: A question was not answered. Run the command in a terminal, or see its --help.\n")
        sys.exit(REFUSED)
    except OSError as error:
        from edge.disk.access import refused_by_system  # noqa: PLC0415 - needed only here

        _refuse(refused_by_system(error, [PROGRAM, *sys.argv[1:]]))
    except KeyboardInterrupt:  # a verb's modules were still being imported; later, typer ends the same way
        sys.exit(INTERRUPTED)


def _without_collector(make: Callable[[], typer.Typer]) -> typer.Typer:
    """Imports leave no garbage, and to search for it would take a tenth of their time."""
    gc.disable()
    try:
        return make()
    finally:
        gc.enable()


def _words() -> list[str]:
    """The words after `sonoedge`; while a shell completes a command, those that it has so far."""
    typed = next((os.environ[name] for name in COMPLETED if COMPLETES in os.environ and name in os.environ), None)
    return sys.argv[1:] if typed is None else typed.split()[1:]


def _explain_usage(error: typer.TyperException) -> NoReturn:
    """In the style of all other errors; without a message, the help has been printed instead."""
    context: typer.Context | None = getattr(error, "ctx", None)
    message = " ".join(error.format_message().split()).rstrip(".")
    if message:
        sys.stderr.write(f"sonoedge: {message}. See {context.command_path if context else PROGRAM} --help.\n")
    sys.exit(REFUSED)


def _refuse(error: SonoEdgeError) -> NoReturn:
    sys.stderr.write(f"sonoedge: {error}\n")
    sys.exit(error.exit_status)


def _find(place: str) -> Callable[..., None] | typer.Typer:
    module, name = place.split(":")
    return cast("Callable[..., None] | typer.Typer", getattr(import_module(module), name))


def _not_run() -> None:
    """The placeholder of a command that is only listed."""


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow, and needed only here

        typer.echo(version("sonoedge"))
        raise typer.Exit


def _options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
) -> None:
    pass
