"""Who gives a command, and their PIN."""

import sys
from getpass import getpass
from typing import Annotated

import typer

As = Annotated[str, typer.Option("--as", metavar="BADGE", help="Who you are; your PIN is asked for, or read from standard input.")]


def ask_pin(prompt: str, *, twice: bool = False) -> str:
    """A PIN, not shown while it is typed; the next line of standard input where nobody types."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    pin = getpass(f"{prompt}: ")
    if twice and getpass(f"{prompt}, again: ") != pin:
        raise typer.BadParameter("the two PINs differ", param_hint="PIN")
    return pin
