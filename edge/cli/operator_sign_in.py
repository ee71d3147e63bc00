"""Who gives a command: somebody with a badge and a PIN, or whoever may write the data folder from the board's own shell."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from edge.cli.pin import ask_pin
from edge.people.actor import SHELL_ACTOR, Actor, NotSignedIn
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.records.store import Store
from edge.services.people import PeopleService
from edge.settings import load_settings

FromBoard = Annotated[bool, typer.Option("--board", help="Without a PIN, for an administrator who cannot sign in; everybody is told.")]


@dataclass(frozen=True, slots=True)
class Signed:
    """The people of this data folder, and who asks."""

    desk: PeopleService
    actor: Actor


@contextmanager
def people() -> Iterator[PeopleService]:
    """Of the data folder that the settings name, whether or not an appliance runs on it."""
    with _store() as store:
        yield PeopleService.of(store)


@contextmanager
def signed(badge: str, board: bool) -> Iterator[Signed]:
    """Somebody who has signed in for one command.

    Raises:
        NotSignedIn: no badge is given.
        SignInRefused, SignInWaits, SignInLocked: see `SignInService.check`.
    """
    with _store() as store:
        desk = PeopleService.of(store)
        if board:
            what = "Somebody changed who may use this appliance from the board's own shell, without a PIN"
            Notices(store).add("board-shell", what, "See the audit trail for what was changed")
            yield Signed(desk, SHELL_ACTOR)
        elif badge:
            yield Signed(desk, desk.sign_in.here(badge, ask_pin(f"PIN of {badge}")))
        else:
            raise NotSignedIn("Nobody is signed in", "Sign in: add --as BADGE")


@contextmanager
def _store() -> Iterator[Store]:
    settings = load_settings({})
    elsewhere = () if settings.backup_dir is None else (settings.backup_dir,)
    with closing(open_records(settings.data_dir, elsewhere)) as store:
        yield store
