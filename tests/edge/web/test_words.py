"""Every text of the pages is in `i18n/LANGUAGE.json`, under a key that exists, is used, and is whole in every language."""

import json
import re
from html.parser import HTMLParser

import pytest

from edge.api.shell import NEEDS, WEB
from edge.notice import MACHINE_CHANGED, NOT_VALIDATED

BUILT = ("finding", "context")
"""t(`PREFIX.${name}`) makes the rest of such a key from a name of the API."""
PLURALS = {
    "am": {"one", "other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
    "en": {"one", "other"},
    "es": {"one", "many", "other"},
    "hi": {"one", "other"},
    "fr": {"one", "many", "other"},
    "sw": {"one", "other"},
}
"""The forms of Intl.PluralRules for each language."""
NAMES = {"SonoEdge", "openapi.json"}
"""Texts of HTML that are the same in every language."""
NO_SENTENCES = {"WebSocket /api/v1/live", NOT_VALIDATED, MACHINE_CHANGED}
"""Quoted in code, and not for a person: an address, and marks as the API states them."""
READ_ALOUD = {"alt", "aria-label", "placeholder", "title"}

KEY = r"[a-z][a-z0-9_]*\.[a-z0-9_]+"
FILES = {str(path.relative_to(WEB)): path.read_text() for kind in ("js", "html") for path in sorted(WEB.rglob(f"*.{kind}"))}
LANGUAGES = {path.stem: path.read_text() for path in sorted((WEB / "i18n").glob("*.json"))}
ENGLISH = json.loads(LANGUAGES["en"])


def keys_in(text):
    """Those that are stated whole: in a call, in a table of code, or in HTML."""
    return {*re.findall(rf'"({KEY})"', text), *re.findall(r'\bt\("([^"]*)"', text), *re.findall(r'\bdata-t(?:-[a-z-]+)?="([^"]*)"', text)}


def prefixes_in(text):
    return set(re.findall(r"`([a-z][a-z0-9_]*)\.\$\{\w+(?:\.\w+)?\}`", text))


def unused(words, texts):
    used = set().union(*map(keys_in, texts))
    return {key for key in words if key not in used and not key.startswith(tuple(f"{prefix}." for prefix in BUILT))}


def forms_of(text):
    return text if isinstance(text, dict) else {"": text}


def parameters(text):
    return {name for form in forms_of(text).values() for name in re.findall(r"{(\w+)}", form)}


def faults_of(language, words, english):
    """What is wrong with the words of a language."""
    yield from (f"{key}: only in one language" for key in words.keys() ^ english.keys())
    for key in words.keys() & english.keys():
        forms, same = forms_of(words[key]), forms_of(english[key])
        if parameters(words[key]) != parameters(english[key]):
            yield f"{key}: other parameters"
        if len(same) > 1 and set(forms) != PLURALS.get(language):
            yield f"{key}: wrong plural forms"
        if not all(forms.values()):
            yield f"{key}: empty"
        if isinstance(words[key], str) and ("count" in parameters(words[key]) or len(same) > 1):
            yield f"{key}: no plural forms"


class Page(HTMLParser):
    """`texts`: what a person reads that has no key."""

    def __init__(self, html):
        super().__init__()
        self.texts = []
        self._keyed = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        self._keyed = "data-t" in dict(attrs)
        self.texts += [value for name, value in attrs if name in READ_ALOUD]

    def handle_endtag(self, tag):  # noqa: ARG002
        self._keyed = False

    def handle_data(self, data):
        if data.strip() and not self._keyed:
            self.texts.append(data.strip())


def sentences_in(code):
    """Quoted texts that begin with a word and have another one, outside comments."""
    bare = re.sub(r"(?m)(^|\s)//.*$", "", code)
    return set(re.findall(r"""["`]([A-Z][A-Za-z']+ [^"`]*)["`]""", bare))


def test_keys_are_found_in_calls_tables_and_attributes():
    code = 't("notice") + t(sure ? "a.yes" : "a.no", { by }) + T[x]; T = { x: "table.x" }; import "/web/a.js"; f("a. b")'
    assert keys_in(code) == {"notice", "a.yes", "a.no", "table.x"}
    assert keys_in('<p data-t="a.b"><i data-t-aria-label="c.d" class="e"></i><b data-tail="x y"></b>') == {"a.b", "c.d"}
    assert prefixes_in("t(`finding.${key}`) + t(`zone.${zone.state}`) + `${a}.${b}` + `a ${b}`") == {"finding", "zone"}


def test_an_unused_key_is_found():
    assert unused({"a.b": "", "a.c": "", "finding.x": "", "notice": ""}, ['t("a.b")', '<p data-t="notice">']) == {"a.c"}


def test_each_fault_of_a_language_is_found():
    english = {"a": "An {x}", "b": {"one": "{count} b", "other": "{count} bs"}}
    assert not list(faults_of("sw", {"a": "{x} A", "b": {"one": "b moja", "other": "b {count}"}}, english))
    assert list(faults_of("sw", {"a": "A"}, {"a": "{x}"})) == ["a: other parameters"]
    assert list(faults_of("sw", {"a": ""}, {"a": "A"})) == ["a: empty"]
    assert list(faults_of("ar", {"b": english["b"]}, {"b": english["b"]})) == ["b: wrong plural forms"]
    assert list(faults_of("xx", {"b": english["b"]}, {"b": english["b"]})) == ["b: wrong plural forms"]
    assert list(faults_of("en", {"a": "{count} a"}, {"a": "{count} a"})) == ["a: no plural forms"]
    assert set(faults_of("en", {"a": "A", "c": "C"}, {"a": "A", "d": "D"})) == {"c: only in one language", "d: only in one language"}


def test_a_visible_text_without_a_key_is_found():
    page = '<title>T</title><p data-t="a">A</p><p>B <b data-t="b"></b> C</p><i title="D" data-t-title="d"></i>'
    assert Page(page).texts == ["T", "B", "C", "D"]


def test_a_sentence_in_code_is_found():
    code = 'text: "Begin exam" + `Zone ${zone} is done` // "A comment"\n// "Not this"\nd="M35 4 L65 4"; "GET"; "one two"'
    assert sentences_in(code) == {"Begin exam", "Zone ${zone} is done"}


@pytest.mark.parametrize("name", FILES)
def test_every_key_of_a_file_exists(name):
    assert keys_in(FILES[name]) <= ENGLISH.keys()
    assert prefixes_in(FILES[name]) <= set(BUILT)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".html")])
def test_a_page_has_no_text_of_its_own(name):
    assert set(Page(FILES[name]).texts) <= NAMES


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_code_has_no_text_of_its_own(name):
    assert sentences_in(FILES[name]) <= NO_SENTENCES


def test_every_key_is_used():
    assert unused(ENGLISH, [*FILES.values(), f'"{NEEDS}"']) == set()
    assert set().union(*map(prefixes_in, FILES.values())) == set(BUILT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_whole_and_offered(language):
    words = json.loads(LANGUAGES[language])
    assert list(faults_of(language, words, ENGLISH)) == []
    assert list(words) == list(ENGLISH)
    assert LANGUAGES[language] == json.dumps(words, indent=2, ensure_ascii=False) + "\n"


def test_every_language_with_words_is_offered_and_no_other():
    offered = re.search(r"LANGUAGES = {(.*)};", FILES["i18n.js"])[1]
    assert {*re.findall(r'(\w+): "', offered)} == LANGUAGES.keys()


def test_every_mark_of_a_machine_has_words_in_each_language():
    assert {NOT_VALIDATED, MACHINE_CHANGED} == set(re.findall(r'"([A-Z ]+)": "mark\.', FILES["views/words.js"]))
