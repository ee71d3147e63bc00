"""The processor and the Python of a board decide which packages fit it."""

import platform
import re
import sys
from pathlib import Path

import pytest

from provisioning.board import compat
from provisioning.release.repository import ROLES
from provisioning.release.wheels import lock_for
from provisioning.update.manifest import Facts
from tests.provisioning.releases import facts_of


def test_it_is_the_one_of_this_machine():
    assert re.fullmatch(r"[a-z0-9_]+-cp3\d\d", compat())
    assert compat() == f"{platform.machine()}-cp{''.join(platform.python_version_tuple()[:2])}"


@pytest.mark.parametrize(
    ("machine", "version", "expected"),
    [("aarch64", (3, 10, 4), "aarch64-cp310"), ("armv7l", (3, 13, 0), "armv7l-cp313"), ("x86_64", (3, 11, 2), "x86_64-cp311")],
)
def test_another_machine(monkeypatch, machine, version, expected):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(sys, "version_info", type("Version", (), {"major": version[0], "minor": version[1]}))
    assert compat() == expected


def test_it_can_name_a_role_a_release_and_a_lock():
    assert ROLES.fullmatch(f"boards-{compat()}")["name"] == compat()
    assert Facts.model_validate(facts_of(1, compat=compat())).compat == compat()
    assert lock_for(Path(__file__).resolve().parents[2], compat()).exists()
