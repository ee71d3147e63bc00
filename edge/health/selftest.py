"""The checks of the self-test that need the appliance: its page, records, network and speed. Those of the board are in `provisioning`."""

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from statistics import median

import numpy as np

from edge.health.doctor import QUESTIONS, TRIALS, asked, timed_ms
from edge.health.finding import Verdict
from edge.inference.choice import decide
from edge.inference.reader import Reader
from edge.inference.shelf import Shelf
from edge.settings import Settings
from firmware_bridge.frame import Frame
from provisioning.selftest.check import ALWAYS, BY_HAND, Answer, Check, Level, State, judged, measure, not_tested
from provisioning.selftest.limits import Limit

SPEED = Limit("ms", 100, 1000)
"""A frame: above 100 ms fewer than ten readings a second, above a second none that helps a person who scans."""
STATES = {
    Verdict.OK: State.PASSED,
    Verdict.ATTENTION: State.WATCH,
    Verdict.FAILED: State.FAILED,
    Verdict.NOT_CHECKED: State.NOT_TESTED,
}
BROWSERS = ("chromium", "chromium-browser", "firefox-esr")
BROWSER_S = 40
GATE = frozenset({Level.GATE})
FACTORY = frozenset({Level.FACTORY})


def appliance_checks(settings: Settings) -> tuple[Check, ...]:
    """The checks of the appliance with these settings, for `run_checks`."""
    return tuple(Check(name, partial(run, settings), levels, essential) for name, run, levels, essential in ROWS)


def _asks(question: str) -> Callable[[Settings], Answer]:
    """A question of the doctor as a check."""

    def run(settings: Settings) -> Answer:
        verdict, detail, fix = QUESTIONS[question](settings)
        return Answer(STATES[verdict], detail, (), fix)

    return run


def _ready(settings: Settings) -> Answer:
    if asked(settings, "health") is not None:
        return judged(f"the appliance answers on {settings.host}:{settings.port}")
    problem = asked(settings, "health", HTTPStatus.SERVICE_UNAVAILABLE)
    if problem is None:
        return Answer(
            State.FAILED, f"nothing answers on {settings.host}:{settings.port}", (), "Start the appliance: systemctl start sonoedge"
        )
    stated = json.loads(problem)
    return Answer(State.FAILED, f"the appliance is not ready: {stated['detail']}", (), str(stated["fix"]))


def _golden(settings: Settings) -> Answer:
    reader = _reader(settings)
    release, vectors = reader.release, len(reader.release.golden.inputs)
    near = release.golden.check(reader.interpreter)
    if near.steps:
        detail = f"{vectors} golden vectors of {release.ident} match {near.table} within {near.steps} steps of int8"
        return Answer(State.WATCH, detail, (), "Nothing, where this kind of board was never measured: the difference is within rounding")
    return judged(f"{vectors} golden vectors of {release.ident} match {near.table} bit for bit")


def _speed(settings: Settings) -> Answer:
    reader = _reader(settings)
    blank = Frame(np.zeros((480, 640), np.uint8), 0, 0, 0)
    taken = median(timed_ms(reader, blank) for _ in range(TRIALS))
    return judged(f"{reader.release.ident} reads a frame", [measure("reading", taken, SPEED)], "Close other programs, or raise threads")


def _reader(settings: Settings) -> Reader:
    return decide(settings.model, Shelf.of(settings.data_dir), settings.threads).reader


def _page(settings: Settings) -> Answer:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return not_tested("no browser on this board", f"Open http://{settings.host}:{settings.port}/ on a tablet")
    if asked(settings, "health") is None:
        return not_tested("the appliance does not run", "Start the appliance, then run this again")
    address = f"http://{settings.host}:{settings.port}/"
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--dump-dom")
    done = subprocess.run((browser, *options, address), capture_output=True, text=True, errors="replace", timeout=BROWSER_S, check=False)
    if "not a diagnosis" in done.stdout:
        return judged(f"{browser} shows {address}")
    return Answer(State.FAILED, f"{browser} does not show {address}", (), "Run sonoedge doctor")


ROWS: tuple[tuple[str, Callable[[Settings], Answer], frozenset[Level], frozenset[Level]], ...] = (
    ("packages", _asks("packages"), ALWAYS, ALWAYS),
    ("appliance", _ready, ALWAYS, GATE),
    ("data folder", _asks("data folder"), ALWAYS, ALWAYS),
    ("records and audit trail", _asks("records"), ALWAYS, ALWAYS),
    ("backups", _asks("backups"), BY_HAND, frozenset()),
    ("golden vectors", _golden, ALWAYS, ALWAYS),
    ("speed", _speed, ALWAYS, ALWAYS),
    ("page in a browser", _page, FACTORY, frozenset()),
    ("serial ports", _asks("serial ports"), BY_HAND, frozenset()),
    ("accelerator", _asks("accelerator"), BY_HAND, frozenset()),
)
"""Name, check, the levels at which it runs, and those whose verdict needs it. A probe, a stick and a network are never essential."""
