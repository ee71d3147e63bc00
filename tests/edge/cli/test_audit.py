"""`sonoedge audit`: status 0 for an intact trail, status 2 and the entry for a broken one, and JSON for machines."""

import json
import sqlite3
from contextlib import closing

import pytest
from typer.testing import CliRunner

from edge.cli.audit import app
from edge.disk.layout import DataFolder
from edge.people.actor import SHELL_ACTOR
from edge.records.opening import open_records
from edge.services.people import PeopleService
from firmware_bridge.errors import SonoEdgeError

run = CliRunner().invoke


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path))
    with closing(open_records(tmp_path)) as store:
        for number, actor in enumerate(["Alemu", "Sara", "Alemu"], 1):
            with store.write() as change:
                change.log(actor, "finding.decided", f"finding/{number}", {"decision": "accepted"})
    return tmp_path


def spoil(folder):
    with closing(sqlite3.connect(DataFolder(folder).records, isolation_level=None)) as db:
        db.execute("UPDATE audit SET body = replace(body, 'Sara', 'Zara') WHERE seq = 2")


def answered(*arguments, status=0):
    done = run(app, arguments)
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


def test_an_intact_trail_is_status_0(folder):
    done = run(app, ["verify"])
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "The audit trail is intact: entries 1 to 3")
    found = answered("verify", "--json")
    assert (found["whole"], found["entries"], found["fault"]) == (True, 3, None)


def test_a_broken_trail_is_status_2_and_the_entry_is_named(folder):
    spoil(folder)
    done = run(app, ["verify"])
    assert done.exit_code == 2
    assert "The audit trail is broken: entry 2 is edited" in done.stderr
    found = answered("verify", "--json", status=2)
    assert (found["whole"], found["entries"], found["fault"]["entry"], found["fault"]["wrong"]) == (False, 1, 2, "edited")


def test_an_export_is_verified_by_itself_and_by_its_key(folder, tmp_path, monkeypatch):
    file = str(tmp_path / "audit.jsonl")
    made = answered("export", file, "--since", "2", "--json")
    assert (made["since"], made["newest"]) == (2, 4)
    monkeypatch.setenv("SONOEDGE_DATA_DIR", "/nowhere")
    assert "intact: entries 2 to 4" in run(app, ["verify", file]).stdout
    found = answered("verify", file, "--json", "--key", made["fingerprint"][:16])
    assert (found["whole"], found["key_matches"], found["fingerprint"]) == (True, True, made["fingerprint"])
    assert run(app, ["verify", file, "--key", "0000"]).exit_code == 2
    content = (tmp_path / "audit.jsonl").read_text()
    (tmp_path / "audit.jsonl").write_text(content.replace("Sara", "Zara"))
    done = run(app, ["verify", file])
    assert (done.exit_code, "entry 2 is edited" in done.stderr) == (2, True)


def test_an_export_is_recorded_in_the_trail(folder, tmp_path):
    assert run(app, ["export", str(tmp_path / "audit.jsonl")]).exit_code == 0
    newest = json.loads(run(app, ["list", "--json", "--limit", "1"]).stdout)
    assert (newest["act"], newest["actor"], newest["detail"]) == ("audit.exported", "the board's shell", {"after": 0})


def test_entries_are_listed_newest_first_and_can_be_filtered(folder):
    assert [line.split()[0] for line in run(app, ["list"]).stdout.splitlines()] == ["3", "2", "1"]
    assert [line.split()[0] for line in run(app, ["list", "--actor", "Alemu"]).stdout.splitlines()] == ["3", "1"]
    assert [line.split()[0] for line in run(app, ["list", "--subject", "finding/2"]).stdout.splitlines()] == ["2"]
    none = run(app, ["list", "--act", "none"])
    assert (none.exit_code, none.stdout, none.stderr.strip()) == (0, "", "No entries match.")


def test_an_unreadable_entry_is_listed_as_unreadable(folder):
    with closing(sqlite3.connect(DataFolder(folder).records, isolation_level=None)) as db:
        db.execute("UPDATE audit SET body = x'ff' WHERE seq = 2")
    assert "2  unreadable: run sonoedge audit verify" in run(app, ["list"]).stdout
    lines = map(json.loads, run(app, ["list", "--json"]).stdout.splitlines())
    assert [line["seq"] for line in lines if line.get("unreadable")] == [2]


def test_the_head_is_signed_now(folder):
    head = answered("head", "--json")
    assert (head["seq"], len(head["hash"]), len(head["fingerprint"])) == (3, 64, 64)
    assert head["hash"] in run(app, ["head"]).stdout


def test_a_clock_that_was_in_2099_is_corrected(folder, monkeypatch):
    from datetime import datetime, timezone

    future = datetime(2099, 1, 1, tzinfo=timezone.utc)
    with closing(open_records(folder, now=lambda: future)) as store, store.write() as change:
        change.log("Sara", "finding.decided", "finding/4")
    done = answered("correct-clock", "--json")
    assert done["latest"].startswith("2099-01-01")
    assert done["entry"] == 5
    found = answered("verify", "--json")
    assert (found["whole"], len(found["remarks"])) == (True, 1)


def test_an_export_states_who_signed_in_for_it_and_needs_an_administrator(folder, tmp_path):
    with closing(open_records(folder)) as store:
        people = PeopleService.of(store)
        people.claim(SHELL_ACTOR, "boss", "Boss", "482915")
        people.enrol(SHELL_ACTOR, "nurse", "Nurse", "482915")
    file = str(tmp_path / "audit.jsonl")
    assert run(app, ["export", file, "--as", "boss"], input="482915\n").exit_code == 0
    newest = json.loads(run(app, ["list", "--json", "--act", "audit.exported", "--limit", "1"]).stdout)
    assert newest["actor"].startswith("Boss")
    with pytest.raises(SonoEdgeError, match="is not allowed to use the audit trail"):
        run(app, ["correct-clock", "--as", "nurse"], input="482915\n", catch_exceptions=False)


@pytest.mark.parametrize("arguments", [["list"], ["verify"], ["head"], ["export", "x"], ["correct-clock"]])
def test_without_records_no_file_is_made(tmp_path, monkeypatch, arguments):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path))
    with pytest.raises(SonoEdgeError, match="Nothing is recorded yet"):
        run(app, arguments, catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


def test_help_does_not_load_the_database():
    import subprocess
    import sys

    code = "import sys; sys.argv = ['sonoedge', '--help']\nimport edge.cli\ntry: edge.cli.main()\nfinally: print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert " audit " in done.stdout
    assert "'sqlalchemy'" not in done.stdout
