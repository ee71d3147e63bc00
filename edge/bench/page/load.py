"""The first load of the scan page in its largest language: how much comes over the network, and how long it takes on a slow one.

Chromium emulates the slow network. It slows what the page loads; the live stream is slowed only by Chromium versions that do it for
WebSockets too.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.api.shell import WEB
from edge.bench.page.chromium import PATIENCE_S, TABLET, USABLE, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

SLOW_MBIT, LATENCY_MS = 1.0, 20
KB = 1000
STORED = "Boolean(navigator.serviceWorker.controller)"
"""The service worker has stored the shell of the pages; what it loads for that is counted, too."""
BY_WORKER = "performance.getEntriesByType('resource').reduce((sum, { transferSize }) => sum + transferSize, 0)"


@dataclass(frozen=True, slots=True)
class Load:
    """Bytes of every answer over HTTP, with its head; the live stream is endless and not counted. `usable_s` is since the navigation."""

    transferred: float
    usable_s: float


def largest_language() -> str:
    return max((WEB / "i18n").glob("*.json"), key=lambda file: file.stat().st_size).stem


def first_load(browser: "Browser", url: str, mbit: float | None = None) -> Load:
    """The first load in a browser that has stored nothing; with `mbit`, as fast as that many megabits a second.

    Raises:
        BenchFailed: the page never became usable.
    """
    sizes: list[float] = []
    with browser.new_context(viewport=TABLET, locale=largest_language()) as context:  # type: ignore[arg-type] # any two numbers
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        network = context.new_cdp_session(page)
        network.on("Network.loadingFinished", lambda answer: sizes.append(answer["encodedDataLength"]))
        network.send("Network.enable")
        if mbit is not None:
            _slow(network, mbit)
        page.goto(url, wait_until="commit")
        until(page, f"Boolean(document.getElementById('cover')) && {USABLE}")
        usable_s = page.evaluate("performance.now()") / 1000
        until(page, STORED)
        by_worker: float = context.service_workers[0].evaluate(BY_WORKER)
    return Load(sum(sizes) + by_worker, usable_s)


def _slow(network: "CDPSession", mbit: float) -> None:
    rate = mbit * 1e6 / 8
    how = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": rate, "uploadThroughput": rate}
    network.send("Network.emulateNetworkConditions", how)
