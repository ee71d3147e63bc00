"""The operator who runs a command, and the PIN."""

import sys
from getpass import getpass
from typing import Annotated

import typer

As = Annotated[str, typer.Option("--as", metavar="BADGE", help="Your badge. Your PIN is asked for, or read from standard input.")]


def ask_pin(prompt: str, *, twice: bool = False) -> str:
    """A PIN, hidden while it is typed. If standard input is not a terminal, its next line is the PIN."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    pin = getpass(f"{prompt}: ")
    if twice and getpass(f"{prompt}, again: ") != pin:
        raise typer.BadParameter("the two PINs differ", param_hint="PIN")
    return pin
