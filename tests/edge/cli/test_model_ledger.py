"""`sonoedge model ledger`: from a refused activation to a signed entry, with and without a running appliance, and bad input."""

import json
from contextlib import closing

import pytest

from edge.appliance import Appliance
from edge.feedback.ledger.entry import MOST, subject_of
from edge.inference.shelf import Shelf
from edge.records.store import Store
from edge.settings import Settings

PIN, OWN = "482915", "lung-s-1.0.0"
TEXTS = ("--description", "other thresholds", "--protocol", "golden vectors", "--impact", "fewer false alarms")


@pytest.fixture
def own(model, candidate, tmp_path, monkeypatch):
    """The shelf of an appliance that does not run, with a release of the hospital."""
    monkeypatch.setenv("SONOEDGE_PORT", "1")
    shelf = Shelf.of(tmp_path / "data")
    shelf.install(candidate(tmp_path / "new", "1.0.0"), {}, unsigned=True)
    return shelf


@pytest.fixture
def add(model, own):
    return lambda *words, lines=(PIN,): model("ledger", "add", OWN, *(words or TEXTS), "--as", "boss", lines=lines)


def entries(model, *words):
    return json.loads(model("ledger", "list", *words, "--json").stdout)["entries"]


def test_from_a_refused_activation_over_a_signed_entry_to_the_release_in_use(model, add, own):
    refused = model("activate", OWN)
    assert (refused.returncode, f"sonoedge model ledger add {OWN}" in refused.stderr) == (2, True)
    done = add()
    assert done.returncode == 0, done.stderr
    assert f"Boss (boss) signed the entry {entries(model, OWN)[0]['id']} of {OWN}" in done.stdout
    assert "Research use, not a diagnosis" in done.stdout
    assert model("activate", OWN).returncode == 0
    assert own.active() == OWN


def test_the_list_has_a_line_an_entry_and_one_release_is_shown_in_full(model, add, own, acceptance):
    add()
    listed = model("ledger", "list").stdout.splitlines()
    assert [line.split()[1] for line in listed[1:4]] == [OWN, "lung-m-0.3.2", "lung-s-0.4.0"]
    shown = model("ledger", "list", "lung-s-1.0.0").stdout
    for text in (
        f"The entry of {OWN} is complete.",
        "signed)",
        "Boss (boss)",
        "Impact assessment: fewer false alarms",
        "Shadow: none was measured",
    ):
        assert text in shown
    assert "built-in" in model("ledger", "list", "lung-m").stdout


def test_what_is_missing_is_stated_before_the_activation(model, own):
    shown = model("ledger", "list", OWN)
    assert (shown.returncode, "signature are missing." in shown.stdout) == (0, True)
    answer = json.loads(model("ledger", "list", OWN, "--json").stdout)
    assert (answer["entries"], answer["standing"]) == ([], "none")


def test_texts_come_from_files_and_a_later_entry_supersedes_the_earlier_one(model, add, tmp_path):
    first = json.loads(add(*TEXTS, "--json").stdout)
    (tmp_path / "impact.md").write_text("Weniger Fehlalarme, geprüft an 40 Patienten.\n", encoding="utf-8")
    second = json.loads(add(*TEXTS[:4], "--impact", "@impact.md", "--json").stdout)
    assert (first["supersedes"], second["supersedes"]) == (None, first["id"])
    newest, _ = entries(model, OWN)
    assert newest["change"]["parts"]["impact"] == "Weniger Fehlalarme, geprüft an 40 Patienten."
    assert f"supersedes  {first['id']}" in model("ledger", "list", OWN).stdout


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (TEXTS[:4], "--impact"),
        ((*TEXTS[:4], "--impact", "  "), "The impact assessment is empty"),
        ((*TEXTS[:4], "--impact", "@none.md"), "The impact assessment in none.md cannot be read"),
        ((*TEXTS[:4], "--impact", "@image.png"), "not UTF-8 text"),
        ((*TEXTS[:4], "--impact", "x" * (MOST + 1)), f"{MOST} are allowed"),
    ],
)
def test_a_missing_part_is_named_and_nothing_is_signed(model, add, tmp_path, given, why):
    (tmp_path / "image.png").write_bytes(b"\x89PNG\xff\xfe")
    done = add(*given)
    assert (done.returncode, why in done.stderr) == (2, True), done.stderr
    assert entries(model, OWN) == []


def test_an_unknown_release_a_wrong_pin_and_no_person_are_refused(model, add, own):
    assert "no release 'nothing'" in model("ledger", "add", "nothing", *TEXTS, "--as", "boss", lines=[PIN]).stderr
    assert "no release 'nothing'" in model("ledger", "list", "nothing").stderr
    assert "PIN is wrong" in add(lines=["000000"]).stderr
    assert "Sign in: add --as BADGE" in model("ledger", "add", OWN, *TEXTS).stderr
    assert entries(model, OWN) == []


def test_the_entries_of_a_removed_release_stay(model, add, own, tmp_path):
    add()
    own.find(OWN).rename(tmp_path / "removed")
    assert [each["release"] for each in entries(model, OWN)] == [OWN]


def test_a_damaged_entry_is_marked(model, add, own, tmp_path):
    add()
    with closing(Store.open(tmp_path / "data")) as store, store._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE model_change SET body = '{}'")
    assert "DAMAGED" in model("ledger", "list").stdout
    shown = model("ledger", "list", OWN).stdout
    assert "It admits nothing" in shown
    assert "cannot be used: it was changed after it was signed" in shown


def test_the_running_appliance_signs_it_and_activates_at_once(model, add, own, tmp_path, monkeypatch):
    with Appliance(Settings(source="", port=0, data_dir=tmp_path / "data", threads=1)) as appliance:
        monkeypatch.setenv("SONOEDGE_PORT", appliance.url.rstrip("/").rpartition(":")[2])
        done = add()
        assert done.returncode == 0, done.stderr
        (entry,) = entries(model, OWN)
        assert entry["release_sha256"] == subject_of(own.find(OWN)).sha256
        assert model("activate", OWN, "--as", "boss", lines=[PIN]).returncode == 0
        assert appliance.release.ident == OWN
