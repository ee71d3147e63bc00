"""Debian's Chromium, and the real appliance with a virtual probe, for the tests of the pages."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from edge.inference.release import BUILT_IN
from tests.browser.signing_in import claim

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_S = 120
MOST_TABS = 400
READS_PIXELS = "Multiple readback"
"""These tests read pixels back, which the browser calls slow."""
AWAY = ("net::ERR_", "fetching the script", "WebSocket connection to")
"""What the browser logs while the appliance is away."""
AXE = Path(sys.prefix) / "axe" / "node_modules" / "axe-core" / "axe.min.js"
BARRIERS = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ""}`))"""


@pytest.fixture(scope="module")
def browser(missing):
    """Ends with its module: while it runs, its event loop leaves no room for another one in this process."""
    if not CHROMIUM.exists():
        missing("Chromium (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@contextmanager
def killed_at_last(process):
    """Nothing waits for a process that does not end: it is killed, and the test fails at once."""
    try:
        yield
    except BaseException:
        process.kill()
        raise


@contextmanager
def appliance(source, data_dir, port="0", python=sys.executable):
    """The URL of an appliance on this source; None: without a source. `python` is that of its environment."""
    command = [str(python), "-m", "edge.cli", "run", "--port", port, "--model", str(BUILT_IN / "lung-s")]
    command += ["--source", source] if source else []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "SONOEDGE_DATA_DIR": str(data_dir)}
    ) as process:
        try:
            yield re.search(r"http://\S+/", process.stdout.readline()).group(0)
        finally:
            process.send_signal(signal.SIGTERM)
            with killed_at_last(process):
                status = process.wait(30)
        assert status == 0


@contextmanager
def opened(browser, url, width=820, height=1180, *, before=lambda _: None, tolerated=READS_PIXELS, **how):
    """A page at `url`. The test fails if the page contacts another host or logs anything in its console except `tolerated`.

    `tolerated` is a text, or several. `before` is called with the page before it loads anything; `how` is for Playwright's `new_page`.
    """
    page = browser.new_page(viewport={"width": width, "height": height}, **how)
    page.set_default_timeout(PATIENCE_S * 1000)
    foreign, complaints = [], []
    page.on("request", lambda request: foreign.append(request.url) if urlsplit(request.url).netloc != urlsplit(url).netloc else None)
    known = (tolerated,) if isinstance(tolerated, str) else tolerated
    page.on("console", lambda line: None if any(each in line.text for each in known) else complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    before(page)
    page.goto(url)
    yield page
    page.close()
    assert [u for u in foreign if not u.startswith("blob:")] == []
    assert complaints == []


def until(page, holds):
    """Evaluates from outside, because the page's own policy does not allow strings as scripts."""
    for _ in range(PATIENCE_S * 10):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never became true: {holds}")


def with_touch(page):
    page.click = lambda selector: page.locator(selector).first.tap()


def with_keyboard(page):
    """The page is used with Tab, Enter, the arrows and letters, in the order in which it gives the focus."""

    def focus(selector, reached):
        page.locator("html:not([inert])").wait_for()
        wanted = page.locator(selector).first
        wanted.wait_for()
        for _ in range(MOST_TABS):
            if wanted.evaluate(f"(wanted) => {reached}"):
                return wanted
            page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {selector}")

    def click(selector):
        focus(selector, "wanted === document.activeElement")
        page.keyboard.press("Enter")

    def check(selector):
        wanted = focus(selector, "wanted.name === document.activeElement.name")
        for _ in range(1 + wanted.evaluate("(wanted) => document.getElementsByName(wanted.name).length")):
            if wanted.is_checked():
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not choose {selector}")

    def fill(selector, text):
        focus(selector, "wanted === document.activeElement")
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(text)

    page.click, page.check, page.fill = click, check, fill


HANDS = {"mouse": lambda _: None, "touch": with_touch, "keyboard": with_keyboard}
"""How a person uses a page, by what they use."""


def emulate(link, *options):
    """A virtual probe in a separate process, at the port `link`."""
    command = [sys.executable, "-m", "firmware_bridge.virtual_probe", "--fps", "15", "--link", str(link), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("/dev/")
    return process


def end(process):
    process.kill()
    process.wait()
    process.stdout.close()


class Cable:
    """A network cable that a test can cut and join: relays connections at `url` to a port of this machine."""

    def __init__(self, port):
        self._port, self._whole, self._open = port, threading.Event(), set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._whole.set()
        self._ended = False

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._ended = True
        self.cut()
        self._listener.close()

    def cut(self):
        self._whole.clear()
        for line in list(self._open):
            self._close(line)

    def join(self):
        self._whole.set()

    def _accept(self):
        while not self._ended:
            with suppress(OSError):
                near, _ = self._listener.accept()
                if not self._whole.is_set():
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._port))
                self._open |= {near, far}
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._relay, args=pair, daemon=True).start()

    def _relay(self, source, sink):
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        self._close(source)
        self._close(sink)

    def _close(self, line):
        self._open.discard(line)
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()


@pytest.fixture(scope="module")
def barriers(missing):
    """What keeps some people from using a page, in each theme: the serious and critical findings of axe-core."""
    if not AXE.exists():
        missing("axe-core (make peers)")
    script = AXE.read_text()

    def found(page):
        page.evaluate(script)
        themes = page.evaluate("[...document.querySelector('footer select').options].map((option) => option.value)")
        assert len(themes) == 3
        return {theme: barriers for theme in (*themes[1:], themes[0]) if (barriers := in_theme(page, theme))}

    def in_theme(page, theme):
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        return page.evaluate(BARRIERS)

    return found


@pytest.fixture(scope="module")
def web(browser, tmp_path_factory):
    """`appliance(source)` has its own data folder, unless one is given; `opened(url)` is a page; `until(page, script)` waits."""
    return SimpleNamespace(
        appliance=lambda source, data_dir=None, **how: appliance(source, data_dir or tmp_path_factory.mktemp("data"), **how),
        opened=partial(opened, browser),
        until=until,
        hands=HANDS,
        away=AWAY,
        cable=Cable,
        emulate=emulate,
        end=end,
    )


@pytest.fixture(scope="module")
def claimed(web):
    """The address of an appliance with an administrator."""
    with web.appliance("virtual://chest?fps=8&size=100") as url:
        claim(url)
        yield url
