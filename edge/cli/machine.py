"""The option --machine: what made the images of recordings that do not state it; and the line that states it of an exam."""

from collections.abc import Iterable
from typing import Annotated

import typer

from edge.notice import one_text
from firmware_bridge.machine import Machine

MachineOption = Annotated[
    str | None,
    typer.Option("--machine", metavar="NAME", help="What made the images, such as 'Philips Lumify'; it wins over what a file states."),
]


def machine_of(name: str | None) -> Machine | None:
    """The machine that the option states.

    Raises:
        MachineNameInvalid: it is not a name.
    """
    return None if name is None else Machine.stated(name)


def machine_line(machines: Iterable[str], marks: Iterable[str]) -> str:
    """What made the images of an exam, with the marks that belong to them; both without empty texts, and each once."""
    named, mark = "; ".join(dict.fromkeys(filter(None, machines))), one_text(marks)
    return f"Machine: {named or 'not recorded'}{f'  {mark}' if mark else ''}"
