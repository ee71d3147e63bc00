"""Steady refusals: neither the time nor the kind of an answer shows whether a name is known."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from edge.people.lockout import SignInRefused
from edge.people.place import place_of
from edge.records.people.operators import folded
from edge.services.turns import EACH, busy

STEP_S = 1.0
"""A refusal is answered after a whole number of these. The check of a PIN takes at most half of it."""

Result = TypeVar("Result")


class Steady:
    """For one event loop."""

    def __init__(self) -> None:
        self._trying: Counter[tuple[str, str]] = Counter()
        """By name and place."""

    async def attempt(self, name: str, address: str, work: Callable[[], Result]) -> Result:
        """Runs `work`, which signs in with this name, in a thread. The wait before a refusal holds no thread.

        Raises:
            SignInRefused: as `work` raised it, at the end of a step.
            SignInBusy: too many attempts with this name are running from this place, known or not.
        """
        key, begun = (folded(name), place_of(address)), time.monotonic()
        if self._trying[key] >= EACH:
            raise busy()
        self._trying[key] += 1
        try:
            return await run_in_threadpool(work)
        except SignInRefused:
            await asyncio.sleep(STEP_S - (time.monotonic() - begun) % STEP_S)
            raise
        finally:
            self._trying -= Counter((key,))
