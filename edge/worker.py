"""A worker: one thread of the appliance, and what a person has to know of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from edge.settings import Settings

Owner = TypeVar("Owner")


@dataclass(frozen=True, slots=True)
class Worker(Generic[Owner]):
    """What it runs, what starts it again, what its silence means, and under which settings it is needed."""

    name: str
    run: Callable[[Owner], None]
    restart: str
    silence: str
    needed: Callable[[Settings], bool] = lambda _: True
