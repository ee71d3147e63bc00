"""Versions have the order of semantic versioning."""

import pytest

from edge.inference.ident import Ident

ORDERED = ("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0")
"""The example of https://semver.org/spec/v2.0.0.html#spec-item-11."""


@pytest.mark.parametrize("ordered", [ORDERED, ("0.9.9", "0.10.0", "1.0.0", "2.0.0-rc", "2.0.0")])
def test_the_newer_version_comes_later(ordered):
    assert tuple(sorted(set(ordered), key=lambda version: Ident.parse(f"lung-m-{version}").precedence)) == ordered


@pytest.mark.parametrize(("text", "name"), [("lung-m-0.3.0", "lung-m"), ("lung-2-10.0.1-rc.1", "lung-2"), ("x-1.0.0-a-b", "x")])
def test_the_name_is_the_part_before_the_numbers(text, name):
    assert Ident.parse(text).name == name


@pytest.mark.parametrize("text", ["", "lung-m", "lung-m-1.0", "Lung-1.0.0", "-1.0.0", "lung-m-1.0.0\n"])
def test_other_text_is_not_an_ident(text):
    assert Ident.parse(text) is None
