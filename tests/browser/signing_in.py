"""A claimed appliance, and a person who signs in on one of its pages."""

import json
import urllib.request

PIN = "482915"
FORM = "dialog.form[open]"
BOSS = "boss"
"""The badge of the first administrator."""


def claim(url):
    """Enrols the first administrator of an appliance."""
    body = json.dumps({"badge": BOSS, "name": "Boss", "pin": PIN}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{url}api/v1/claim", body, {"content-type": "application/json"})).close()


def give_badge(page, badge=BOSS):
    """Fills the form of a sign-in, which is open or about to be."""
    page.fill(f"{FORM} [name=name]", badge)
    page.fill(f"{FORM} [name=pin]", PIN)
    page.click(f"{FORM} .primary")
