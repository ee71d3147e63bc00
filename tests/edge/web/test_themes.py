"""People can distinguish the colours of each theme: WCAG 2.2 asks for a contrast of 4.5 for text and of 3 for edges and marks."""

import re

import pytest

from edge.api.shell import WEB

TEXT, MARK = 4.5, 3.0
PAIRS = [
    *((name, ground, TEXT) for name in ("text", "soft", "accent", "present", "absent", "warn", "bad") for ground in ("ground", "panel")),
    *((name, ground, MARK) for name in ("edge", "unsure") for ground in ("ground", "panel")),
    *(("on-strong", ground, TEXT) for ground in ("good-ground", "bad-ground")),
    *(("text", ground, TEXT) for ground in ("chosen", "skipped-ground", "zone")),
    ("soft", "body", MARK),
    ("accent", "track", MARK),
    ("absent", "track", MARK),
    ("unsure", "track", MARK),
]


def themes():
    """The colours of each theme by name; a theme has those of the first where it gives none of its own."""
    text = (WEB / "style" / "tokens.css").read_text()
    blocks = re.findall(r':root(?:\[data-theme="(\w+)"\])? \{([^}]*)\}', text)
    colours = {name or "dark": dict(re.findall(r"--([\w-]+): #([0-9a-f]{3,6})", block)) for name, block in blocks}
    return {name: {**colours["dark"], **own} for name, own in colours.items()}


def luminance(colour):
    """Relative luminance, 0 to 1, of sRGB as WCAG 2.2 defines it."""
    digits = "".join(digit * 2 for digit in colour) if len(colour) == 3 else colour
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_of_black_on_white_and_of_grey_is_that_of_the_standard():
    assert contrast("000", "ffffff") == pytest.approx(21)
    assert contrast("777777", "fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", ["dark", "light", "sunlight"])
def test_every_pair_of_colours_has_its_contrast(name):
    colours = themes()[name]
    found = {(one, ground): round(contrast(colours[one], colours[ground]), 2) for one, ground, _ in PAIRS}
    assert {pair: found[pair] for pair, least in (((one, ground), least) for one, ground, least in PAIRS) if found[pair] < least} == {}


def test_the_styles_use_every_colour_of_the_themes_and_no_other():
    used = set(re.findall(r"var\(--([\w-]+)", "".join(path.read_text() for path in WEB.rglob("*.css"))))
    assert used - {"bars"} == set(themes()["dark"])
