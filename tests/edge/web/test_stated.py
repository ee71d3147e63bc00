"""Every sentence of the appliance that a page shows has a text in each language; `firmware_bridge/says.py` explains its code and values."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.api.app import WEB
from edge.exam.likelihood.published import published
from edge.exam.protocol.file import load_catalogue
from edge.exam.review.image_scale import SCALES
from edge.exam.taking.gate import PLAUSIBLE, GateCode
from edge.people.actor import APPLIANCE_ACTOR, NOBODY_ACTOR, SHELL_ACTOR, UNCLAIMED_ACTOR, break_glass
from edge.probe import record
from edge.probe.verdict import rules
from edge.records.exams.facts import DRAFT, PRELIMINARY
from edge.records.outbox.delivery import STATES
from edge.vision.measure import SIDES
from edge.vision.quality import checks
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.frame import Shape
from tests.edge.web.test_words import LANGUAGES, faults_of, parameters
from tests.test_errors import import_all

ROOT = Path(__file__).resolve().parents[3]
ACTORS = (NOBODY_ACTOR, UNCLAIMED_ACTOR, SHELL_ACTOR, APPLIANCE_ACTOR, break_glass(""))
TRANSLATED = sorted(LANGUAGES.keys() - {"en"})
"""An English page shows the sentence as the appliance states it."""
CLINICAL = (
    "edge/exam",
    "edge/people",
    "edge/records",
    "edge/services",
    "edge/pipeline",
    "edge/api",
    "edge/disk/room.py",
    "firmware_bridge/sources",
)
"""Where errors are raised that a person at a page meets from the sign-in to the signed report."""
EXEMPT = {
    "EventsNotAccepted": "a program asked in a way that no page does",
    **dict.fromkeys(
        (
            "ExportRefused",
            "ManifestInvalid",
            "PatientUnknown",
            "AcceptanceNotWritten",
            "AcceptanceRefused",
            "BackupUnusable",
            "BundleRefused",
            "ExportUnusable",
            "LicenceMissing",
        ),
        "raised by a command in the shell only",
    ),
    **dict.fromkeys(("RecordsInUse", "ApplianceRuns", "WrongUser", "PolicyInvalid", "RecordsFailed"), "the appliance does not start"),
    **dict.fromkeys(("CursorUnreadable", "KeyUnreadable", "KeyOfAnother", "VersionMissing", "VersionUnreadable"), "a fault of a program"),
    **dict.fromkeys(("ClockRight", "CredentialRefused", "RatioUnknown", "RouteUnguarded"), "the pages do not offer this"),
    **dict.fromkeys(("TapFailed", "ShadowFailed"), "a defect, which the log explains"),
}
"""Errors without a text, by class, and why."""


@dataclass(frozen=True)
class Sentence:
    """`template` has the names of values in braces; `given` are the values that the code gives."""

    code: str
    template: str
    given: frozenset[str]
    where: str


class Reader(ast.NodeVisitor):
    """Collects from one file the sentences with a code, and the calls of errors without one."""

    def __init__(self, place, text, errors):
        self.place, self.errors = place, errors
        self.sentences, self.silent, self._known = [], [], {}
        self.visit(ast.parse(text))

    def visit_Assign(self, node):
        names, values = (each.elts if isinstance(each, ast.Tuple) else [each] for each in (node.targets[0], node.value))
        self._known.update({name.id: value for name, value in zip(names, values, strict=False) if isinstance(name, ast.Name)})
        self.generic_visit(node)

    def visit_AnnAssign(self, node):
        if getattr(node.target, "id", "") == "SAYS":  # by the state of an exam
            self._add([each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)], "", node)
        self.generic_visit(node)

    def visit_ClassDef(self, node):
        codes = [each.value for each in node.body if isinstance(each, ast.Assign) and getattr(each.targets[0], "id", "") == "says_code"]
        self._add([code.value for code in codes], "", node)
        self.generic_visit(node)

    def visit_Call(self, node):
        self.generic_visit(node)
        name = getattr(node.func, "id", "")
        words = {each.arg: each.value for each in node.keywords}
        if name in ("CantTell", "Reason") and isinstance(node.args[0], ast.Constant):  # of a probe check: stored with its code alone
            self._add([f"probe_{node.args[0].value}"], "", node)
        elif name == "say" and isinstance(node.args[0], ast.Constant):
            self._add([node.args[0].value], self._text(node.args[1]), node, words)
        elif name in self.errors and isinstance(says := words.pop("says", None), ast.Constant):
            self._add([says.value], " ".join(map(self._text, node.args)) if words else "", node, words)
        elif name in self.errors and says is None and not getattr(self.errors[name], "says_code", ""):
            self.silent.append((name, f"{self.place}:{node.lineno}"))

    def _add(self, codes, template, node, given=()):
        where = f"{self.place}:{node.lineno}"
        self.sentences += [Sentence(code, re.sub(r"{(\w+):[^}]*}", r"{\1}", template), frozenset(given), where) for code in codes]

    def _text(self, node):
        match node:
            case ast.Constant(str(text)):
                return text
            case ast.Name(name) if name in self._known:
                return self._text(self._known[name])
            case ast.JoinedStr(parts):
                return "".join(self._text(part.value if isinstance(part, ast.FormattedValue) else part) for part in parts)
        return ""


@pytest.fixture(scope="module")
def read():
    import_all()
    errors, waiting = {}, [SonoEdgeError]
    while waiting:
        each = waiting.pop()
        errors[each.__name__] = each
        waiting += each.__subclasses__()
    files = [path for room in ("edge", "firmware_bridge") for path in sorted((ROOT / room).rglob("*.py"))]
    return [Reader(str(path.relative_to(ROOT)), path.read_text(), errors) for path in files]


@pytest.fixture(scope="module")
def sentences(read):
    advice = [Sentence(check.code, re.sub(r"{(\w+):[^}]*}", r"{\1}", check.advice), frozenset(), "quality.yaml") for check in checks()]
    verdicts = [Sentence(f"probe_{rule.code}", "", frozenset(), "limits.yaml") for rule in rules()]
    return [*(each for reader in read for each in reader.sentences), *advice, *verdicts]


@pytest.fixture(scope="module")
def english(sentences):
    return (
        {key_of("says", each.code): each.template for each in sentences}
        | {key_of("named", words): words for words in named()}
        | {key_of("actor", actor.name): actor.name for actor in ACTORS}
    )


def key_of(prefix, name):
    """As in edge/web/parts/stated.js."""
    return f"{prefix}.{re.sub(r'[^a-z0-9]+', '_', name.lower())[:40]}"


def named():
    """The words of the protocols, scales and tables that come with the appliance."""
    for protocol in load_catalogue().protocols:
        yield from (protocol.name, protocol.score.note, *(zone.name for zone in protocol.zones))
    yield from (point for scale in SCALES.values() for point in scale.points.values())
    yield from dict.fromkeys(words for row in published() for words in (row.condition, row.sign))
    yield from (name for name, *_ in PLAUSIBLE.values())
    yield from (shape.value for shape in Shape if shape is not Shape.UNKNOWN)
    yield from (text for name, text in vars(record).items() if name.isupper() and isinstance(text, str))  # the notices of a probe check
    yield from (code.value for code in GateCode)
    yield from (*SIDES, DRAFT, PRELIMINARY, "final", "amended", "done", "skipped", *STATES)


def file_of(language):
    return WEB / "i18n" / "stated" / f"{language}.json"


def stated_in(language):
    return json.loads(file_of(language).read_text())


CODE = """
class A(Conflict):
    says_code = "a"

def f(n):
    say("B", "{n:.1f} of 3", n=n)
    what = "Zone {z}"
    raise Refused(f"{what} is {n}", "Wait {s}", says="c", z=1, s=n)

raise Refused(f"{x}", "Wait")
raise Refused(f"{x}", "Wait", says="d")
"""


def test_every_sentence_and_its_values_are_read_from_the_code():
    reader = Reader("some.py", CODE, {"Refused": object})
    read = [(each.code, parameters(each.template), each.given) for each in reader.sentences]
    assert read == [("a", set(), set()), ("B", {"n"}, {"n"}), ("c", {"z", "s"}, {"z", "s"}), ("d", set(), set())]
    assert reader.silent == [("Refused", "some.py:10")]


def test_a_code_has_one_sentence_and_each_value_is_given(sentences):
    templates = {}
    for each in sentences:
        assert templates.setdefault(each.code, each.template) == each.template, each
        assert each.given == parameters(each.template) or each.where == "quality.yaml", each
    assert len(templates) > 120


def test_every_error_that_a_clinician_meets_has_a_text(read):
    met = [silent for reader in read if reader.place.startswith(CLINICAL) for silent in reader.silent]
    assert [(name, where) for name, where in met if name not in EXEMPT] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_has_a_text_with_the_same_values_and_no_text_is_left_over(language, english):
    texts = stated_in(language)
    assert sorted(english.keys() - texts.keys()) == []
    assert sorted(texts.keys() - english.keys()) == []
    assert list(faults_of(language, texts, english)) == []
    assert list(texts) == list(stated_in(TRANSLATED[0]))
    assert file_of(language).read_text() == json.dumps(texts, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_english(language, english):
    assert [key for key, text in stated_in(language).items() if text == english[key] and len(text.split()) > 2] == []


def test_an_english_page_shows_the_sentences_of_the_appliance():
    assert not file_of("en").exists()
    assert not [key for words in LANGUAGES.values() for key in json.loads(words) if key.startswith(("says.", "named."))]


def test_keys_are_made_as_the_page_makes_them():
    page = (WEB / "parts" / "stated.js").read_text()
    assert "const LONGEST = 40;" in page
    assert len({key_of("named", words) for words in named()}) == len(set(named()))
