"""The way of the probe over the simulated chest: it stays on a place, is lifted into the air, and comes down on the next place."""

from dataclasses import replace
from functools import lru_cache

from firmware_bridge.virtual_probe.chest import SCENARIO, Chest

AIR_S = 1.0
"""Seconds in the air between two places."""
PLACES = 6
"""After so many places the first follows again."""


def chest_at(chest: Chest, time_s: float, stay_s: float) -> Chest:
    """What the probe shows at one time, if it stays for `stay_s` seconds on each place; the places differ in tissue and B-lines."""
    place, since_s = divmod(time_s, stay_s + AIR_S)
    return _place(chest, int(place) % PLACES) if since_s < stay_s else _in_air(chest)


@lru_cache(maxsize=1)
def _place(chest: Chest, place: int) -> Chest:
    b_lines = SCENARIO[place % len(SCENARIO)] if chest.b_lines is None else chest.b_lines
    return replace(chest, seed=chest.seed + place, b_lines=b_lines)


@lru_cache(maxsize=1)
def _in_air(chest: Chest) -> Chest:
    return replace(chest, faults=replace(chest.faults, air=1.0))
