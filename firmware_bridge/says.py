"""What the appliance states, in a form that a page can translate.

A sentence of the appliance is English: the shell, the log and other programs read it as it is. With it travels `Says`: a code, and the
values in the sentence. For each code, each other language of the pages has a text with the same values, under `says.CODE` in
`edge/web/i18n`. `edge/web/parts/stated.js` shows that text, or the English sentence where there is none.

A fact is defined once, where it is stated, with its code and its English sentence:

    say("HOLD", "Hold still: {held:.1f} of {wanted:g} s", held=2.04, wanted=6)             a `Stated`: English text that knows its `Says`
    ExamRefused("Zone {zone} is not examined", "Select it", says="zone_open", zone="L1")   an error: one text for both sentences
    class ProbeSilent(SourceLost): says_code = "probe_silent"                              an error whose sentences all advise the same

A value is a number, a name, or another `Stated`. Values that are the words of a data file or of a table (a zone, a kind of probe) are
translated by the page under `named.WORDS`, because a site can write its own. `tests/edge/web/test_stated.py` collects every code from the
program, and fails where a language lacks a text, or its text has other values than the English sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from string import Formatter
from typing import Union

from typing_extensions import Self

Value = Union[str, int, float, "Says"]


@dataclass(frozen=True, slots=True)
class Says:
    """The code of a sentence, and its values by name."""

    code: str
    params: Mapping[str, Value] = field(default_factory=dict)


class Stated(str):
    """An English sentence with its code and values. It is an ordinary `str` for everyone who does not ask for `says`."""

    __slots__ = ("says",)
    says: Says | None

    def __new__(cls, english: str, says: Says | None = None) -> Self:
        made = super().__new__(cls, english)
        made.says = says
        return made


def say(code: str, template: str, **values: str | float) -> Stated:
    """The sentence that `template` and the values make; only values that it names are sent with the code."""
    return Stated(template.format(**values), Says(code, sent(template, values)))


def says_of(text: str) -> Says | None:
    """The code and values of a sentence; None where it has none."""
    return text.says if isinstance(text, Stated) else None


def sent(template: str, values: Mapping[str, str | float]) -> Mapping[str, Value]:
    """The values that the template names, as exact as it shows them."""
    return {name: _sent(values[name], spec) for name, spec in _names(template)}


@lru_cache(maxsize=256)  # the advice on each frame has the same few templates
def _names(template: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, spec or "") for _, name, spec, _ in Formatter().parse(template) if name)


def _sent(value: str | float, spec: str) -> Value:
    if isinstance(value, str):
        return says_of(value) or str(value)
    if not isfinite(value):  # which JSON cannot carry
        return str(value)
    return round(value, int(spec[1:-1])) if spec.startswith(".") and spec.endswith("f") else value
