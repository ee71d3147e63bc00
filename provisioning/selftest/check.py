"""One check of the self-test, what it answers, and how it is run: an error or a hang becomes a failed check, never a traceback."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from threading import Thread

from firmware_bridge.errors import SonoEdgeError
from provisioning.selftest.limits import LIMITS, Limit

ASK_FOR_HELP = "Send this report to the people who publish the releases"
LIMIT_S = 60.0


class State(str, Enum):
    """What a check found; as a verdict on the whole board, NOT_TESTED does not occur."""

    PASSED = "pass"
    WATCH = "watch"
    FAILED = "fail"
    NOT_TESTED = "not tested"


class Level(str, Enum):
    """When a check runs: GATE after an update, FIELD when a technician asks, FACTORY before the board is handed over."""

    GATE = "gate"
    FIELD = "field"
    FACTORY = "factory"


ORDER = (State.PASSED, State.NOT_TESTED, State.WATCH, State.FAILED)
"""The best first."""
ALWAYS = frozenset(Level)
BY_HAND = frozenset({Level.FIELD, Level.FACTORY})


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its unit and its limit, as people read it."""

    name: str
    value: float
    unit: str
    limit: str
    state: State


def measure(name: str, value: float, limit: Limit | None = None) -> Measure:
    """A value against its row of `LIMITS`, or against a limit of the caller.

    Raises:
        ValueError: it is not a number.
    """
    if not math.isfinite(value):
        raise ValueError(f"{name} is not a number")
    found = limit or LIMITS[name]
    beyond = [state for state, bound in ((State.FAILED, found.fail), (State.WATCH, found.watch)) if found.beyond(bound, value)]
    return Measure(name, round(value, 3), found.unit, str(found), next(iter(beyond), State.PASSED))


@dataclass(frozen=True, slots=True)
class Answer:
    """`detail` states what was found, or why it was not tested; `next_step` is empty where nothing is to do."""

    state: State
    detail: str
    measures: tuple[Measure, ...] = ()
    next_step: str = ""


def judged(detail: str, measures: Iterable[Measure] = (), next_step: str = "", seen: Iterable[State] = ()) -> Answer:
    """The answer with the worst state of its measures and of what else was `seen`; the next step is for all but a pass."""
    numbers = tuple(measures)
    worst = max((State.PASSED, *seen, *(each.state for each in numbers)), key=ORDER.index)
    return Answer(worst, detail, numbers, "" if worst is State.PASSED else next_step)


def not_tested(why: str, next_step: str = "") -> Answer:
    """The answer where the board does not state what is asked."""
    return Answer(State.NOT_TESTED, why, (), next_step)


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the table. `essential` are the levels whose verdict needs it: there, not tested is as bad as failed."""

    name: str
    run: Callable[[], Answer]
    levels: frozenset[Level] = ALWAYS
    essential: frozenset[Level] = frozenset()
    limit_s: float = LIMIT_S


@dataclass(frozen=True, slots=True)
class Result:
    """What one check answered."""

    name: str
    essential: bool
    state: State
    detail: str
    measures: tuple[Measure, ...]
    next_step: str


def run_checks(checks: Iterable[Check], level: Level) -> tuple[Result, ...]:
    """Runs the checks of a level one after the other."""
    return tuple(_result(check, level) for check in checks if level in check.levels)


def verdict(results: Iterable[Result]) -> State:
    """PASSED or WATCH only if there are checks, none failed, and each essential one was tested; otherwise FAILED."""
    found = tuple(results)
    bad = any(each.state is State.FAILED or (each.essential and each.state is State.NOT_TESTED) for each in found)
    if bad or all(each.state is State.NOT_TESTED for each in found):
        return State.FAILED
    return State.WATCH if any(each.state is State.WATCH for each in found) else State.PASSED


def _result(check: Check, level: Level) -> Result:
    answer = _within(check)
    if not answer.detail and not answer.measures:
        answer = Answer(State.FAILED, "The check does not state what it checked", (), ASK_FOR_HELP)
    return Result(check.name, level in check.essential, answer.state, answer.detail, answer.measures, answer.next_step)


def _within(check: Check) -> Answer:
    """A thread that hangs in the kernel cannot be ended: it is left alone, and the program can still exit."""
    answers: list[Answer] = []
    thread = Thread(target=lambda: answers.append(_asked(check)), daemon=True, name=check.name)
    thread.start()
    thread.join(check.limit_s)
    late = Answer(State.FAILED, f"No answer within {check.limit_s:g} s", (), "Restart the board and run the self-test again")
    return next(iter(answers), late)


def _asked(check: Check) -> Answer:
    try:
        return check.run()
    except SonoEdgeError as error:
        return Answer(State.FAILED, error.what, (), error.fix)
    except Exception as error:
        return Answer(State.FAILED, f"{type(error).__name__}: {error}", (), ASK_FOR_HELP)
