"""Small files: no content costs much, and nothing but the two named errors is raised."""

from contextlib import suppress

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from edge.disk.structured import Bounds, load_toml, load_yaml

ALIASES = "a0: &a0 {k: 1, l: 2}\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}, *a{n}]\n" for n in range(40))
MERGES = "a0: &a0 {k: 1, l: 2}\n" + "".join(f"a{n + 1}: &a{n + 1} {{<<: [*a{n}, *a{n}, *a{n}]}}\n" for n in range(40))
TRAPS = {
    "aliases": ALIASES,
    "merge keys": MERGES,
    "itself": "a: &a [*a]",
    "itself, merged": "a: &a {<<: *a}",
    "lists": "[" * 5000,
    "tables": "{a: " * 5000,
    "blocks": "".join(" " * n + "a:\n" for n in range(200)),
    "many": "[" + "1," * 30_000 + "]",
}


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CBaseLoader])
@pytest.mark.parametrize("text", TRAPS.values(), ids=TRAPS)
def test_a_trap_in_yaml_is_refused_with_its_line(text, loader):
    with pytest.raises(yaml.YAMLError, match="line "):
        load_yaml(text.encode(), loader)


@pytest.mark.parametrize(
    "value", ["!!int ''", "!!float ''", "!!bool x", "!!timestamp x", "2026-99-99", "!!int x", "9" * 5000, "!!python/name:os.system"]
)
def test_a_value_that_its_type_does_not_admit_is_an_error_of_the_file(value):
    with pytest.raises((yaml.YAMLError, ValueError)):
        load_yaml(f"a: {value}".encode(), yaml.SafeLoader)


def test_a_few_aliases_and_a_merge_key_are_read():
    text = b"base: &b {x: 1}\none: {<<: *b, y: 2}\ntwo: *b\n"
    assert load_yaml(text, yaml.SafeLoader) == {"base": {"x": 1}, "one": {"x": 1, "y": 2}, "two": {"x": 1}}
    with pytest.raises(yaml.YAMLError, match="line 2: aliases"):
        load_yaml(text, yaml.SafeLoader, Bounds(aliases=False))


WORDS = st.lists(st.sampled_from(["a", "1", ":", " ", "\n", "- ", "&a ", "*a", "<<: ", "{", "}", "[", "]", ",", "!!int ", '"', "\t", "? "]))


@given(st.binary() | WORDS.map("".join).map(str.encode))
@example(b"\xff\xfe")
@example(b"&a *a")
@example(b"[*a, &a 1]")
def test_any_bytes_are_yaml_or_an_error_of_the_file(content):
    with suppress(yaml.YAMLError, ValueError):
        load_yaml(content, yaml.SafeLoader)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000,
        "a = " + "[" * 60 + "]" * 60,
        "a = " + "{b = " * 3000,
        ".".join("a" * 300) + " = 1",
        "[" + ".".join("a" * 300) + "]",
    ],
    ids=["lists", "a few lists", "tables", "dots", "header"],
)
def test_deep_toml_is_refused(text):
    with pytest.raises(ValueError, match=r"levels|TOML|Expected|Unclosed|Invalid|Cannot"):
        load_toml(text.encode())


@given(st.binary() | st.lists(st.sampled_from(["a", "=", "[", "]", "{", "}", "1", ".", ",", "\n", '"', "'"])).map("".join).map(str.encode))
def test_any_bytes_are_toml_or_an_error_of_the_file(content):
    with suppress(ValueError):
        load_toml(content)
