"""What is drawn, and how late: the age of each frame when it is on the canvas, and whether image, reading and map are of one frame.

The page marks each drawn frame (`performance.mark`), with the time at which the appliance received its last byte. That time is of the
monotonic clock of this machine, and so are those of the browser: they differ by a constant, the moment at which the page began. It is found
as a network finds the difference of two clocks: the page is asked for its time again and again, and the answer with the shortest round trip
counts. The error is at most half of that round trip, and is added to each age. What follows the drawing is not in it: the screen shows a
canvas with its next picture.
"""

import time
from typing import TYPE_CHECKING

from pydantic import BaseModel

from edge.bench.page.chromium import opened
from edge.bench.whole import BenchFailed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROUND_TRIPS = 200
SETTLED_MS = 3000
"""The first seconds of a page are not steady: it still speaks of what it opens."""
FEWEST = 10

AGES = """(() => {
  window.drawn = [];
  new PerformanceObserver((list) => {
    for (const { startTime, detail } of list.getEntriesByName("frame drawn")) window.drawn.push(startTime - detail.receivedMs);
  }).observe({ entryTypes: ["mark"] });
})()"""

PAIRS = """(() => {
  const ofBitmap = new WeakMap();
  const [decode, paint, mark] = [globalThis.createImageBitmap, CanvasRenderingContext2D.prototype.drawImage, performance.mark];
  const headOf = async (jpeg) => new TextDecoder("latin1").decode(await jpeg.slice(0, 80).arrayBuffer());
  const stated = async (jpeg) => Number(/sequence=(\\d+)/.exec(await headOf(jpeg))?.[1]);
  let image = null;
  window.pairs = [];
  globalThis.createImageBitmap = async (jpeg, ...how) => {
    const [bitmap, sequence] = await Promise.all([decode(jpeg, ...how), stated(jpeg)]);
    ofBitmap.set(bitmap, sequence);
    return bitmap;
  };
  CanvasRenderingContext2D.prototype.drawImage = function drawImage(source, ...where) {
    if (this.canvas.id === "image" && ofBitmap.has(source)) image = ofBitmap.get(source);
    return paint.call(this, source, ...where);
  };
  performance.mark = (name, how) => {
    if (name === "frame drawn") window.pairs.push({ image, reading: how.detail.reading, map: how.detail.map });
    return mark.call(performance, name, how);
  };
})()"""
"""Notes for each drawing the number in the JPEG that was painted, and those of the reading and of the map that were painted with it."""

ANNOUNCEMENTS = """(() => {
  const REGIONS = "[role=status], [role=alert], [aria-live]:not([aria-live=off])";
  const heard = new Map();
  const read = () => [...document.querySelectorAll(REGIONS)].filter((each) => {
    const text = each.checkVisibility({ visibilityProperty: true }) ? each.textContent.trim() : "";
    const changed = text !== (heard.get(each) ?? "");
    heard.set(each, text);
    return changed && text;
  });
  read();
  window.announced = [];
  const shown = { attributes: true, attributeFilter: ["hidden", "class", "style", "open"] };
  const speak = () => { window.announced.push(...read().map((each) => each.textContent.trim())); };
  new MutationObserver(speak).observe(document.body, { subtree: true, childList: true, characterData: true, ...shown });
})()"""
"""Notes each new text of a live region that a reader of the screen would speak."""


class Pair(BaseModel):
    """The sequence numbers of one drawing: of the painted JPEG, of its reading and of its map."""

    image: int | None
    reading: int
    map: int


def ages_and_announcements(browser: "Browser", url: str, seconds: float) -> tuple[list[float], float]:
    """Milliseconds from the last byte of each frame to its drawing, and texts spoken in a minute, on a steady image.

    Raises:
        BenchFailed: too few frames were drawn.
    """
    with opened(browser, url) as page:
        page.wait_for_timeout(SETTLED_MS)
        page.evaluate(ANNOUNCEMENTS)
        page.evaluate(AGES)
        behind_ms, error_ms = _clocks(page)
        begun = time.monotonic()
        page.wait_for_timeout(1000 * seconds)
        since_page: list[float] = page.evaluate("window.drawn")
        announced = len(page.evaluate("window.announced")) * 60 / (time.monotonic() - begun)
    if len(since_page) < FEWEST:
        raise BenchFailed(f"The page drew {len(since_page)} frames in {seconds:g} s", "Measure for more --seconds, or run sonoedge doctor")
    return [age + behind_ms + error_ms for age in since_page], announced


def mismatches(browser: "Browser", url: str, seconds: float) -> int:
    """How many drawings had an image, a reading and a map that were not all of one frame.

    Raises:
        BenchFailed: too few frames were drawn.
    """
    with opened(browser, url, before=PAIRS) as page:
        page.wait_for_timeout(1000 * seconds)
        pairs = [Pair.model_validate(each) for each in page.evaluate("window.pairs")]
    if len(pairs) < FEWEST:
        raise BenchFailed(f"The page drew {len(pairs)} frames in {seconds:g} s", "Measure for more --seconds, or run sonoedge doctor")
    return sum(not each.image == each.reading == each.map for each in pairs)


def _clocks(page: "Page") -> tuple[float, float]:
    """Milliseconds by which the clock of the page is behind that of this machine, and the largest error of it."""
    trips = []
    for _ in range(ROUND_TRIPS):
        asked = time.monotonic()
        there_ms: float = page.evaluate("performance.now()")
        answered = time.monotonic()
        trips.append((1000 * (answered - asked), 500 * (asked + answered) - there_ms))
    round_trip_ms, behind_ms = min(trips)
    return behind_ms, round_trip_ms / 2
