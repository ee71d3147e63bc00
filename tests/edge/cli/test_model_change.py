"""Activation, rollback and shadow: in the running appliance if there is one, otherwise for the next start."""

import io
import json
from contextlib import closing

import pytest
import typer

from edge.appliance import Appliance
from edge.cli.ask import Absent, Refused
from edge.cli.exam_services import shell_actor
from edge.cli.model_change import activate, rollback, shadow
from edge.inference.errors import ModelUnusable
from edge.inference.shelf import Shelf
from edge.people.actor import SHELL_ACTOR
from edge.records.audit.trail import AuditTrail
from edge.records.store import Store
from edge.settings import Settings

NOTICE = "research use, not a diagnosis"
CHEST = "virtual://chest?size=128&rendered=4&fps=20"


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SONOEDGE_PORT", "0")
    return tmp_path / "data"


@pytest.fixture
def shelf(site, candidate, ledgered, tmp_path):
    """One release in addition to the built-in ones, with its ledger entry."""
    shelf = Shelf.of(site)
    shelf.install(candidate(tmp_path / "new", "1.0.0"), {}, unsigned=True)
    with closing(Store.open(site)) as store:
        ledgered(store, shelf.find("lung-s-1.0.0"))
    return shelf


@pytest.fixture
def appliance(shelf, site, monkeypatch):
    """A running appliance at the address in the settings."""
    with Appliance(Settings(source=CHEST, port=0, data_dir=site, threads=1)) as running:
        monkeypatch.setenv("SONOEDGE_PORT", running.url.rstrip("/").rpartition(":")[2])
        yield running


def test_without_an_appliance_the_release_is_used_from_the_next_start(shelf, capsys):
    activate("lung-s")
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].startswith("lung-s-1.0.0 is now active")
    assert NOTICE.capitalize() in out
    assert "No appliance answers" in err
    assert "from the next start" in err
    assert shelf.active() == "lung-s-1.0.0"
    previous = shelf.previous()
    activate("lung-s")
    assert capsys.readouterr().out.splitlines()[-1].startswith("lung-s-1.0.0 is active, as before. ")
    assert shelf.previous() == previous


def test_changes_while_no_appliance_runs_are_in_the_audit_trail(shelf, site):
    activate("lung-s")
    rollback()
    with pytest.raises(ModelUnusable):
        activate("nothing")
    with closing(Store.open(site)) as store:
        entries = [each.entry for each in AuditTrail(store).newest(100) if each.entry.act.startswith("model.")][::-1]
    assert {each.actor for each in entries} == {shell_actor().name}
    assert [each.act.removeprefix("model.") for each in entries] == [
        *("asked-for", "activated", "asked-for", "rolled-back"),
        *("asked-for", "refused"),
    ]
    assert entries[1].subject == "model/lung-s-1.0.0"


def test_the_first_activation_can_be_rolled_back(shelf, capsys):
    activate("lung-s-1.0.0")
    before = shelf.previous()
    assert before is not None
    capsys.readouterr()
    rollback(as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer == {
        "appliance": False,
        "release": before,
        "before": "lung-s-1.0.0",
        "switched_ms": None,
        "lasts": True,
        "notice": NOTICE,
    }
    assert shelf.active() == before
    with pytest.raises(ModelUnusable, match="no release to go back to"):
        rollback()


def test_a_warning_states_that_the_release_in_the_settings_is_used_instead(shelf, candidate, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SONOEDGE_MODEL", str(candidate(tmp_path / "named", "2.0.0")))
    activate("lung-s-1.0.0", as_json=True)
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1])["lasts"] is False
    assert "Remove `model` from the settings" in err


def test_a_rollback_to_a_damaged_release_is_refused(shelf):
    activate("lung-s-1.0.0")
    activate("lung-m")
    (shelf.find("lung-s-1.0.0") / "card.html").write_text("another")
    with pytest.raises(ModelUnusable, match="not the file that was released"):
        rollback()
    assert shelf.active().startswith("lung-m")


def test_a_shadow_needs_an_appliance(shelf):
    with pytest.raises(Absent, match="No appliance answers"):
        shadow("lung-s-1.0.0")


def test_a_release_and_off_exclude_each_other(shelf):
    with pytest.raises(typer.BadParameter):
        shadow("lung-s-1.0.0", off=True)


def test_the_running_appliance_changes_at_once_and_back(appliance, shelf, eventually, capsys):
    eventually(lambda: appliance.counts.read > 0, "no frames were read")
    before = appliance.release.ident
    activate("lung-s-1.0.0")
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"lung-s-1.0.0 is now used instead of {before}")
    assert appliance.release.ident == shelf.active() == "lung-s-1.0.0"
    activate("lung-s-1.0.0")
    assert capsys.readouterr().out.splitlines()[-1].startswith("lung-s-1.0.0 is used, as before. ")
    rollback(as_json=True)
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["appliance"], answer["release"], answer["before"], answer["lasts"]) == (True, before, "lung-s-1.0.0", True)
    assert appliance.release.ident == shelf.active() == before


def test_a_refusal_of_the_running_appliance_is_reported_in_its_words(appliance, shelf):
    before = appliance.release.ident
    (shelf.find("lung-s-1.0.0") / "card.html").write_text("another")
    with pytest.raises(Refused, match="not the file that was released"):
        activate("lung-s-1.0.0")
    with pytest.raises(Refused, match="no release 'nothing'"):
        activate("nothing")
    with pytest.raises(Refused, match="no release to go back to"):
        rollback()
    assert appliance.release.ident == before


def test_a_shadow_release_is_compared_with_the_active_one(appliance, eventually, capsys):
    shadow("lung-s-1.0.0")
    assert capsys.readouterr().out.startswith("lung-s-1.0.0 runs in shadow next to ")

    def compared():
        shadow(as_json=True)
        return json.loads(capsys.readouterr().out)["frames"] > 0

    eventually(compared, "the shadow read nothing")
    shadow()
    out = capsys.readouterr().out
    assert f"next to {appliance.release.ident}: " in out
    assert "b_lines: the prediction sets differ in" in out
    assert NOTICE.capitalize() in out
    shadow(off=True)
    assert capsys.readouterr().out == "No release runs in shadow.\n"


def test_on_a_claimed_appliance_only_an_allowed_operator_changes_the_release(appliance, monkeypatch, capsys):
    appliance.people.claim(SHELL_ACTOR, "hana", "Hana Girma", "482915")
    with pytest.raises(Refused, match="--as BADGE"):
        activate("lung-s")
    monkeypatch.setattr("sys.stdin", io.StringIO("482916\n"))
    with pytest.raises(Refused, match="--as BADGE"):
        activate("lung-s", badge="hana")
    monkeypatch.setattr("sys.stdin", io.StringIO("482915\n"))
    activate("lung-s", badge="hana")
    assert "lung-s-1.0.0 is now used instead of" in capsys.readouterr().out
    assert appliance.release.ident == "lung-s-1.0.0"
