"""The actor of a command: an operator with a badge and a PIN, or the board's own shell, which has access to the data folder."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from edge.cli.own import own_or_new_records, own_settings
from edge.cli.pin import ask_pin
from edge.people.actor import SHELL_ACTOR, Actor, NotSignedIn
from edge.records.notices import Notices
from edge.records.store import Store
from edge.services.people import PeopleService

FromBoard = Annotated[bool, typer.Option("--board", help="Without a PIN, for an administrator who cannot sign in; a notice shows it.")]


@dataclass(frozen=True, slots=True)
class Signed:
    """The people of this data folder, its records, and the actor of the command."""

    people: PeopleService
    actor: Actor
    store: Store


@contextmanager
def people() -> Iterator[PeopleService]:
    """The people of the data folder in the settings, whether or not an appliance runs on it."""
    with _store() as store:
        yield PeopleService.of(store)


@contextmanager
def signed(badge: str, board: bool) -> Iterator[Signed]:
    """Signs an operator in for one command.

    Raises:
        NotSignedIn: no badge is given.
        SignInRefused, SignInWaits, SignInLocked: see `SignInService.check`.
    """
    with _store() as store:
        service = PeopleService.of(store)
        if board:
            what = "The list of people who can use this appliance was changed from the board's own shell, without a PIN"
            Notices(store).add("board-shell", what, "Read the audit trail to see the change")
            yield Signed(service, SHELL_ACTOR, store)
        elif badge:
            yield Signed(service, service.sign_in.here(badge, ask_pin(f"PIN of {badge}")), store)
        else:
            raise NotSignedIn("This command needs an operator", "Sign in: add --as BADGE")


@contextmanager
def _store() -> Iterator[Store]:
    settings = own_settings({})
    with closing(own_or_new_records(settings)) as store:
        yield store
