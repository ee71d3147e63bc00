"""Headless Chromium through Playwright, which only developers have; and what every measurement needs of a page."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from edge.bench.whole import BenchFailed
from firmware_bridge.errors import InputRefused

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
PATIENCE_S = 120.0
POLL_MS = 20
TABLET = {"width": 800, "height": 1280}

SHOWN = "document.getElementById('cover').hidden"
USABLE = f"{SHOWN} && document.getElementById('exam-protocol').length > 0 && !document.getElementById('exam-begin').hidden"
"""The live image is drawn, and the exam can be begun."""


class BrowserAbsent(InputRefused):
    """There is no browser to measure the page with."""

    code = "browser-absent"


@contextmanager
def chromium() -> Iterator["Browser"]:
    """A browser, until the block ends.

    Raises:
        BrowserAbsent: Playwright or Chromium is missing.
    """
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a package for developers
    except ImportError as error:
        raise BrowserAbsent("This benchmark needs Playwright for Python", "Install the packages for tests: make environments") from error
    if not CHROMIUM.exists():
        raise BrowserAbsent(f"This benchmark needs Chromium, and {CHROMIUM} does not exist", "apt-get install chromium") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: "Browser", url: str, before: str = "", language: str = "en") -> Iterator["Page"]:
    """The scan page in a browser that has stored nothing, once it is usable. The script `before` runs before those of the page."""
    with browser.new_context(viewport=TABLET, locale=language) as context:  # type: ignore[arg-type] # any two numbers
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        if before:
            page.add_init_script(before)
        page.goto(url)
        until(page, USABLE)
        yield page


def until(page: "Page", holds: str) -> None:
    """Waits until a script is true; from outside, because the policy of the page admits no text as a script.

    Raises:
        BenchFailed: it never became true.
    """
    wait(lambda: bool(page.evaluate(holds)), page, holds)


def wait(seen: Callable[[], bool], page: "Page", what: str) -> None:
    """Waits until something holds while the page goes on. Raises BenchFailed: it never did."""
    end = time.monotonic() + PATIENCE_S
    while not seen():
        if time.monotonic() > end:
            raise BenchFailed(f"The page never came so far: {what}", "Open the page yourself, or run sonoedge doctor")
        page.wait_for_timeout(POLL_MS)
