"""The taps of a whole exam, counted while it is taken by taps alone from the sign-in to the signature, on the lifting probe of the demo.

Each button that is touched is a tap. A PIN is typed on keys of its own: its digits are counted apart, and its confirmation is a tap. Text
that is typed into a field that has the focus needs none. The person is qualified for the protocol, so that no review is asked for.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge.bench.page.chromium import TABLET, opened, until
from edge.bench.whole import BenchFailed
from edge.disk.layout import DataFolder

if TYPE_CHECKING:
    from playwright.sync_api import APIRequestContext, APIResponse, Browser, Page

SOURCE = "virtual://chest?stay_s=6&fps=15"
"""The chest of the demo; a slower probe leaves the processor to the browser."""
PROTOCOL = "blue-6"
BADGE, PIN = "n-017", "482915"
FORM = "dialog.form[open]"
POLICY = 'thresholds: {"*": {course: false, supervised_exams: 0, assessment: false}}\n'
"""A site where a sign-off is enough to be qualified."""


@dataclass(slots=True)
class Hand:
    """A person at the page; counts what the person does."""

    page: "Page"
    taps: int = 0
    digits: int = 0

    def tap(self, selector: str) -> None:
        self.page.click(selector)
        self.taps += 1

    def type_pin(self) -> None:
        for digit in PIN:
            self.page.click(f"{FORM} [data-key='{digit}']")
            self.digits += 1


@dataclass(frozen=True, slots=True)
class Taps:
    """From begin to end of an exam; from the sign-in to the signature; the digits of PINs in the latter."""

    scan: int
    signed: int
    digits: int


def site(data_dir: Path) -> None:
    """Prepares the data folder of an appliance."""
    DataFolder(data_dir).policy.write_text(POLICY)


def take(browser: "Browser", url: str) -> Taps:
    """Enrols a qualified person, who then takes an exam of six zones and signs it.

    Raises:
        BenchFailed: the appliance or the page refused a step.
    """
    _enrol(browser, url)
    with opened(browser, url) as page:
        hand = Hand(page)
        _sign_in(hand)
        before = hand.taps
        _scan(hand)
        scan = hand.taps - before
        _sign(hand)
    return Taps(scan, hand.taps, hand.digits)


def _sign_in(hand: Hand) -> None:
    hand.tap("#person")
    hand.page.wait_for_selector(f"{FORM} [name=name]:focus")
    hand.page.keyboard.type(BADGE)
    hand.type_pin()
    hand.tap(f"{FORM} .primary")
    until(hand.page, "document.getElementById('person').dataset.kind === 'operator'")


def _scan(hand: Hand) -> None:
    hand.tap("#exam-begin")
    until(hand.page, "!document.getElementById('exam-end').hidden && document.querySelectorAll('#zones li').length === 6")
    until(hand.page, "document.querySelectorAll('#zones .done').length === 6")
    hand.tap("#exam-end")
    until(hand.page, "document.getElementById('exam-end').hidden")


def _sign(hand: Hand) -> None:
    hand.tap("#exam-open")
    hand.page.wait_for_selector(".zone-card")
    for zone in [card.get_attribute("data-zone") for card in hand.page.query_selector_all(".zone-card")]:
        hand.tap(f"[data-zone='{zone}'] .accept")
        hand.page.wait_for_selector(f"[data-zone='{zone}'] .accept", state="detached")
    hand.tap("#sign")
    hand.tap(f"{FORM} .primary")
    hand.page.wait_for_selector("#reports li")


def _enrol(browser: "Browser", url: str) -> None:
    with browser.new_context(viewport=TABLET) as context:  # type: ignore[arg-type] # any two numbers
        http = context.request
        boss = {"badge": "boss", "name": "Boss", "pin": PIN}
        _post(http, url, "claim", boss)
        token = str(_post(http, url, "sessions", {"name": "boss", "pin": PIN})["csrf_token"])
        person = _post(http, url, "operators", {"badge": BADGE, "name": "Almaz Bekele", "pin": PIN}, token)["id"]
        for role in ("scan", "interpret"):
            _post(http, url, f"operators/{person}/grants", {"role": role}, token)
        _post(http, url, f"operators/{person}/credentials", {"kind": "sign-off", "protocol": PROTOCOL}, token)


def _post(http: "APIRequestContext", url: str, path: str, body: dict[str, str], token: str = "") -> dict[str, object]:
    answer: APIResponse = http.post(f"{url}api/v1/{path}", data=body, headers={"X-CSRF-Token": token} if token else {})
    content: dict[str, object] = answer.json()
    if not answer.ok:
        raise BenchFailed(f"The appliance refused {path} ({content.get('detail')})", "Run sonoedge doctor")
    return content
