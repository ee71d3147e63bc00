"""Whether the clock of the board is right, and whether it goes on without power."""

from datetime import timezone

from provisioning.clock import ClockVerdict, clock_verdict
from provisioning.selftest.board import Board
from provisioning.selftest.check import Answer, State, judged

SYNCHRONISED = "run/systemd/timesync/synchronized"
"""systemd-timesyncd makes this file."""
NO_BATTERY = "Add a clock with a battery, or set the clock after each start: sonoedge provision clock set"
SET_IT = "Set the clock: sonoedge provision clock set"


def clock(board: Board) -> Answer:
    moment = board.clock()
    found = clock_verdict(moment, board.floor)
    chips = sorted((board.root / "sys/class/rtc").glob("rtc*"))
    synchronised = (board.root / SYNCHRONISED).exists()
    parts = (
        f"{moment.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC, {found.value}",
        f"a clock with a battery ({', '.join(board.text(f'sys/class/rtc/{chip.name}/name') for chip in chips)})"
        if chips
        else "no clock chip",
        "synchronised" if synchronised else "not synchronised: there is no time from a network",
    )
    seen = [State.PASSED if found is ClockVerdict.GOOD else State.FAILED, State.PASSED if chips else State.WATCH]
    return judged("; ".join(parts), (), SET_IT if found is not ClockVerdict.GOOD else NO_BATTERY, seen)
