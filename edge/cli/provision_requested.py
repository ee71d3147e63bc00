"""`sonoedge provision requested`: does what a person asked for on the page. systemd starts it as root when there is a request."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.cli.provision_board import Installed, Root, changing, prepared, utc
from edge.cli.provision_outcome import left_on
from edge.cli.provision_stick import folder_of
from edge.cli.provision_update import chosen, engine_of, running
from firmware_bridge.errors import SonoEdgeError
from provisioning import request
from provisioning.boot.place import DEFAULT
from provisioning.boot.record import Event
from provisioning.codes import CAUSES, ProvisionRefused
from provisioning.request import Answer, Request, Wish
from provisioning.update.changes import changes
from provisioning.update.outcome import Outcome

SERVICE = "sonoedge"
STICK = ""
"""The one that is mounted."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a request; `lines` are details for people."""

    code: str
    what: str
    lines: tuple[str, ...] = ()


def requested(root: Root = DEFAULT) -> None:
    """Do what a person asked for on the page. The service starts this; it needs root."""
    board = prepared(root)
    asked = request.read(board.data.provision_request, Request)
    board.data.provision_request.unlink(missing_ok=True)
    if asked is None:
        raise ProvisionRefused("E-NO-REQUEST", "the page asked for nothing that this program knows")
    _answer(board, request.answered(asked, "begun", utc()))
    try:
        with changing(board):
            result = WISHES[asked.wish](board, lambda text: _answer(board, request.answered(asked, text, utc())))
    except ProvisionRefused as refused:
        _left(asked.wish, Outcome.of(refused.cause, refused.what, board.device_id, utc(), refused.fix))
        _answer(board, request.answered(asked, refused.what, utc(), code=refused.cause, next_step=refused.fix))
        return
    except SonoEdgeError as error:
        _answer(board, request.answered(asked, error.what, utc(), code="E-DISK", next_step=error.fix))
        return
    next_step = CAUSES[result.code].next_step
    _left(asked.wish, Outcome.of(result.code, result.what, board.device_id, utc()))
    _answer(board, request.answered(asked, result.what, utc(), code=result.code, next_step=next_step, lines=result.lines))


def _answer(board: Installed, answer: Answer) -> None:
    request.leave(board.place.answer, answer)


def _left(wish: Wish, outcome: Outcome) -> None:
    """The stick leaves its result on itself."""
    if wish in (Wish.CHECK, Wish.APPLY):
        left_on(STICK, outcome)


def _check(board: Installed, progress: Callable[[str], None]) -> Result:
    progress("verifying the stick")
    offer = chosen(board, STICK)
    rows = tuple(f"{row.part}: {row.before} -> {row.after} ({row.effect})" for row in changes(running(board), offer.facts))
    return Result("OK-CAN-APPLY", f"Release {offer.facts.version} on {folder_of(STICK)} can be applied", rows)


def _apply(board: Installed, progress: Callable[[str], None]) -> Result:
    progress("verifying the stick")
    return _of(engine_of(board, progress).apply(chosen(board, STICK)).event)


def _rollback(board: Installed, progress: Callable[[str], None]) -> Result:
    return _of(engine_of(board, progress).roll_back("asked for on the page").event)


def _restart(_: Installed, __: Callable[[str], None]) -> Result:
    subprocess.run(("systemctl", "restart", "--no-block", SERVICE), check=False)
    return Result("OK-RESTARTS", "The appliance starts again")


def _of(event: Event | None) -> Result:
    return Result("OK", "Nothing was changed") if event is None else Result(event.code, event.what)


WISHES: Mapping[Wish, Callable[[Installed, Callable[[str], None]], Result]] = {
    Wish.CHECK: _check,
    Wish.APPLY: _apply,
    Wish.ROLLBACK: _rollback,
    Wish.RESTART: _restart,
}
"""What each request does. Nothing else of a request is used."""
