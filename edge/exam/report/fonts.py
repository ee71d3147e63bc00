"""Which fonts a report needs for its scripts, whether this machine has them, and what to install if not."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping

NOTO, NOTO_CJK = "fonts-noto-core", "fonts-noto-cjk"

SCRIPTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "LATIN": (("Noto Sans", "DejaVu Sans", "Libertinus Serif"), NOTO),
    "GREEK": (("Noto Sans", "DejaVu Sans", "Libertinus Serif"), NOTO),
    "CYRILLIC": (("Noto Sans", "DejaVu Sans", "Libertinus Serif"), NOTO),
    "ARABIC": (("Noto Sans Arabic", "Noto Naskh Arabic", "DejaVu Sans"), NOTO),
    "ARMENIAN": (("Noto Sans Armenian", "DejaVu Sans"), NOTO),
    "BENGALI": (("Noto Sans Bengali",), NOTO),
    "DEVANAGARI": (("Noto Sans Devanagari", "Lohit Devanagari"), NOTO),
    "ETHIOPIC": (("Noto Sans Ethiopic", "Abyssinica SIL"), NOTO),
    "GEORGIAN": (("Noto Sans Georgian", "DejaVu Sans"), NOTO),
    "GUJARATI": (("Noto Sans Gujarati",), NOTO),
    "GURMUKHI": (("Noto Sans Gurmukhi",), NOTO),
    "HEBREW": (("Noto Sans Hebrew", "DejaVu Sans"), NOTO),
    "KANNADA": (("Noto Sans Kannada",), NOTO),
    "KHMER": (("Noto Sans Khmer",), NOTO),
    "LAO": (("Noto Sans Lao", "DejaVu Sans"), NOTO),
    "MALAYALAM": (("Noto Sans Malayalam",), NOTO),
    "MYANMAR": (("Noto Sans Myanmar",), NOTO),
    "NKO": (("Noto Sans NKo", "DejaVu Sans"), NOTO),
    "ORIYA": (("Noto Sans Oriya",), NOTO),
    "SINHALA": (("Noto Sans Sinhala",), NOTO),
    "TAMIL": (("Noto Sans Tamil",), NOTO),
    "TELUGU": (("Noto Sans Telugu",), NOTO),
    "THAANA": (("Noto Sans Thaana",), NOTO),
    "THAI": (("Noto Sans Thai",), NOTO),
    "TIBETAN": (("Noto Serif Tibetan", "Noto Sans Tibetan"), NOTO),
    "TIFINAGH": (("Noto Sans Tifinagh", "DejaVu Sans"), NOTO),
    "CJK": (("Noto Sans CJK SC",), NOTO_CJK),
    "HIRAGANA": (("Noto Sans CJK SC",), NOTO_CJK),
    "KATAKANA": (("Noto Sans CJK SC",), NOTO_CJK),
    "HANGUL": (("Noto Sans CJK SC",), NOTO_CJK),
}
"""By the first word of their characters' names: families that hold the script, best first, and the Debian package of the first."""

SHARED = frozenset({"COMBINING", "MODIFIER", "FEMININE", "MASCULINE", "MICRO", "DEGREE"})
"""Of letters, marks and signs that belong to no script of their own."""

PICTURES = frozenset({"So", "Co", "Cn"})
"""Categories of other signs, of private ones, and of those that Unicode does not know."""

NAMED = {"CJK": "Chinese or Japanese", "NKO": "N'Ko", "UNNAMED": "signs without a name"}
"""Scripts that are not called as their characters are."""


def scripts_of(text: str) -> frozenset[str]:
    """The scripts of a text's letters and marks; a picture, such as an emoji, is a script that no font here holds."""
    shown = (char for char in text if unicodedata.category(char)[0] in "LM" or unicodedata.category(char) in PICTURES)
    letters = (unicodedata.name(char, "UNNAMED") for char in shown)
    return frozenset(name.partition(" ")[0].partition("-")[0] for name in letters) - SHARED


def missing_scripts(text: str, families: Collection[str]) -> tuple[str, ...]:
    """Scripts of a text that no family of `families` holds, in order; also those of which it is not known which one does."""
    return tuple(sorted(script for script in scripts_of(text) if not any(name in families for name in SCRIPTS.get(script, ((), ""))[0])))


def families_for(text: str, families: Collection[str]) -> tuple[str, ...]:
    """The families to set a text in, best first: those of the Latin script, then one for each other."""
    scripts = ("LATIN", *sorted(scripts_of(text) - {"LATIN"}))
    found = (name for script in scripts for name in SCRIPTS.get(script, ((), ""))[0] if name in families)
    return tuple(dict.fromkeys(found))


def packages_for(scripts: Iterable[str]) -> tuple[str, ...]:
    """The Debian packages that bring the fonts of these scripts."""
    return tuple(sorted({SCRIPTS[script][1] for script in scripts if script in SCRIPTS}))


def called(scripts: Iterable[str]) -> str:
    """Scripts as they are called in a sentence."""
    return ", ".join(NAMED.get(script, script.capitalize()) for script in scripts)
