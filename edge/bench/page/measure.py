"""The figures of the page, measured one after another: on a steady chest at 30 frames a second, then on the demo's, then on real clips."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edge.bench.page import changes, crowd, drawn, load, taps
from edge.bench.page.chromium import chromium
from edge.bench.verdict import Targets
from edge.bench.whole import running
from edge.inference.choice import resolve
from edge.inference.shelf import Shelf
from edge.settings import Settings
from firmware_bridge.example_data import ExampleDataAbsent

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TARGETS: dict[str, tuple[str, float]] = {
    "frame_to_page_ms_p95": ("<=", 60.0),
    "overlay_mismatches": ("<=", 0.0),
    "watchers_8_rate_ratio": (">=", 0.95),
    "transfer_kb": ("<=", 250.0),
    "usable_s_1mbit": ("<=", 3.0),
    "taps_scan": ("<=", 2.0),
    "taps_signed_exam": ("<=", 14.0),
    "announcements_per_min": ("<=", 2.0),
    "verdict_changes_per_min": ("<=", 6.0),
}
SOURCE = "virtual://chest?size=350&rendered=16&fps=30&b_lines=2"
SECONDS, CLIPS = 60.0, 60
STEPS = 6
"""Steps besides the clips."""


@dataclass(frozen=True, slots=True)
class PageFigures:
    """Kilobytes are 1000 bytes. `pin_digits` are those of `taps_signed_exam`, which counts none of them."""

    frame_to_page_ms_p95: float
    overlay_mismatches: float
    watchers_8_rate_ratio: float
    transfer_kb: float
    usable_s_1mbit: float
    announcements_per_min: float
    taps_scan: float
    taps_signed_exam: float
    pin_digits: float


@dataclass(frozen=True, slots=True)
class PageFiguresWithClips(PageFigures):
    """Where there are real clips."""

    verdict_changes_per_min: float


def targets(figures: PageFigures) -> Targets:
    """Those of the figures that were measured."""
    return {name: TARGETS[name] for each in fields(figures) if (name := each.name) in TARGETS}


def absent() -> dict[str, str]:
    """Why a figure is not measured here, by its name."""
    try:
        changes.clips(1)
    except ExampleDataAbsent as why:
        return {"verdict_changes_per_min": str(why)}
    return {}


def measure(settings: Settings, seconds: float = SECONDS, clips: int = CLIPS, each: Callable[[int], None] = lambda _: None) -> PageFigures:
    """Takes `seconds` for what is watched, about a minute for an exam, and a second for each clip; calls `each` with the steps so far.

    Raises:
        BrowserAbsent: Playwright or Chromium is missing.
        BenchFailed: the appliance or the page did not come so far.
    """
    release, steps = resolve(settings.model, Shelf.of(settings.data_dir), settings.threads), count(1)

    def step() -> None:
        each(next(steps))

    with chromium() as browser:
        watched = _steady(browser, release, settings.threads, seconds, step)
        counted = _exam(browser, release, settings.threads, step)
    figures = PageFigures(**watched, **counted)
    if absent():
        return figures
    return PageFiguresWithClips(**asdict(figures), verdict_changes_per_min=changes.worst(release, changes.clips(clips), step))


def _steady(browser: "Browser", release: Path, threads: int, seconds: float, step: Callable[[], None]) -> dict[str, float]:
    with running(SOURCE, release, threads) as appliance:
        ages_ms, announced = drawn.ages_and_announcements(browser, appliance.url, seconds / 2)
        step()
        mismatches = drawn.mismatches(browser, appliance.url, seconds / 6)
        step()
        transferred = load.first_load(browser, appliance.url).transferred
        step()
        usable_s = load.first_load(browser, appliance.url, load.SLOW_MBIT).usable_s
        step()
        ratio = crowd.rate_ratio(appliance.url, seconds / 3)
        step()
    return {
        "frame_to_page_ms_p95": float(np.percentile(ages_ms, 95)),
        "overlay_mismatches": mismatches,
        "watchers_8_rate_ratio": ratio,
        "transfer_kb": transferred / load.KB,
        "usable_s_1mbit": usable_s,
        "announcements_per_min": announced,
    }


def _exam(browser: "Browser", release: Path, threads: int, step: Callable[[], None]) -> dict[str, float]:
    with running(taps.SOURCE, release, threads, taps.site) as appliance:
        counted = taps.take(browser, appliance.url)
    step()
    return {"taps_scan": counted.scan, "taps_signed_exam": counted.signed, "pin_digits": counted.digits}
