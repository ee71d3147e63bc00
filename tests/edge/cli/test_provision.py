"""`sonoedge provision` on a board that was just set up, without an update: identity, status, clock, self-test, support and wipe."""

import json
import re
import zipfile
from functools import partial

import pytest

from edge.records.notices import Notices
from edge.records.store import Store
from edge.records.use import OnlyAppliance
from provisioning.board import compat
from provisioning.identity.device_id import read_id
from provisioning.identity.statement import verified
from provisioning.selftest.report import Report
from provisioning.wipe.wipe import CERTIFICATE, EraseCertificate

CANARY = "Amina Wanjiru"


def one_line(done):
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The data folder of a board whose appliance does not run."""
    (tmp_path / "settings.toml").write_text("")
    for name, value in {"DATA_DIR": tmp_path / "data", "SETTINGS": tmp_path / "settings.toml", "PORT": 1, "THREADS": 1}.items():
        monkeypatch.setenv(f"SONOEDGE_{name}", str(value))
    return tmp_path / "data"


@pytest.fixture
def provision(sonoedge, data, tmp_path):
    """Runs `sonoedge provision` on a board of its own."""
    return lambda *words: partial(sonoedge, "provision")(*words, "--root", tmp_path / "opt")


@pytest.fixture
def device(provision):
    """The id of a board that was set up."""
    return json.loads(provision("init", "--json").stdout)["device"]


def test_a_board_is_set_up_once_however_often_it_is_asked(provision, tmp_path):
    first, second = (provision("init") for _ in range(2))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    assert "none yet: run this again with --trusted-root FILE" in first.stdout
    stated = json.loads(provision("init", "--json").stdout)
    assert read_id(stated["device"]) == stated["device"]
    assert stated["device"] in first.stdout
    assert stated["trusted_root"] == ""
    assert (tmp_path / "opt/boot.pyz").stat().st_mode & 0o111
    assert (tmp_path / "opt/safe/bin/sonoedge").exists()


def test_the_labels_are_a_picture_and_a_drawing(provision, tmp_path):
    done = provision("init", "--label", tmp_path / "label")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "label/label.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert b"<svg" in (tmp_path / "label/label.svg").read_bytes()[:500]


def test_a_folder_that_cannot_be_made_is_one_line(sonoedge, data):
    line = one_line(sonoedge("provision", "init", "--root", "/proc/none"))
    assert line.startswith("sonoedge: /proc/none cannot be made")


def test_a_board_trusts_one_publisher(provision, publisher, tmp_path):
    done = provision("init", "--trusted-root", publisher.root, "--json")
    assert len(json.loads(done.stdout)["trusted_root"]) == 64
    assert provision("init", "--trusted-root", publisher.root).returncode == 0
    (tmp_path / "other").mkdir()
    other = type(publisher)(publisher.sonoedge.func, tmp_path / "other")
    assert "this board trusts another root already" in one_line(provision("init", "--trusted-root", other.root))
    assert json.loads(provision("init", "--json").stdout) == json.loads(done.stdout)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"x" * 300_000])
def test_a_root_that_is_none(provision, tmp_path, content):
    if content is not None:
        (tmp_path / "root.json").write_bytes(content)
    line = one_line(provision("init", "--trusted-root", tmp_path / "root.json"))
    assert "Name the root.json of the publisher" in line
    assert json.loads(provision("init", "--json").stdout)["trusted_root"] == ""


def test_a_fresh_board(provision):
    shown = provision("status")
    assert shown.returncode == 0
    assert re.search(r"^device +not set up: sonoedge provision init$", shown.stdout, re.MULTILINE)
    assert re.search(r"^slots +none can start$", shown.stdout, re.MULTILINE)
    stated = json.loads(provision("status", "--json").stdout)
    assert (stated["device"], stated["compat"], stated["slots"], stated["runs"], stated["event"]) == ("", compat(), {}, "", None)
    assert provision("history").stdout == "Nothing happened yet.\n"
    assert json.loads(provision("history", "--json").stdout) == []


def test_a_board_without_a_slot_states_it_and_starts_the_page(provision, device, tmp_path):
    assert "leads to the page that states that no slot can start" in provision("start").stdout
    assert (tmp_path / "opt/current/bin/sonoedge").exists()
    (event,) = json.loads(provision("history", "--json").stdout)
    assert event["code"] == "E-BOTH-SLOTS"
    assert "E-BOTH-SLOTS" in provision("history").stdout
    assert "E-BOTH-SLOTS" in provision("status").stdout
    assert device in provision("status").stdout


@pytest.mark.parametrize(("verb", "what"), [("confirm", "no release is on trial"), ("rollback", "no previous release is stored")])
def test_what_needs_a_release(provision, device, verb, what):
    assert what in one_line(provision(verb))


def test_the_clock_of_a_board_that_has_accepted_nothing_yet_can_be_right(provision, device):
    assert "CLOCK_GOOD; never before 2026-01-01 00:00 UTC" in provision("clock", "show").stdout
    stated = json.loads(provision("clock", "show", "--json").stdout)
    assert (stated["floor"], stated["verdict"]) == ("2026-01-01T00:00:00+00:00", "CLOCK_GOOD")
    report = json.loads(provision("selftest", "--level", "field", "--json").stdout)
    assert next(result["state"] for result in report["results"] if result["name"] == "clock") != "fail"


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("2025-12-31T23:59:59Z", "is before 2026-01-01 00:00 UTC"),
        ("2026-11-30T09:00", "has no time zone"),
        ("tomorrow", "is not a time"),
    ],
)
def test_a_time_that_the_clock_is_not_set_to(provision, typed, what):
    assert what in one_line(provision("clock", "set", typed))


@pytest.fixture
def recorded(data):
    """A data folder with records, in which the name of a patient stands wherever it can."""
    store = Store.open(data)
    Notices(store).add("a", CANARY, CANARY)
    store.close()
    (data / "exams" / CANARY).mkdir(parents=True)
    (data / "exams" / CANARY / "exam.json").write_text(json.dumps({"patient": CANARY}))
    return data


def test_the_gate_prints_one_line_where_nothing_answers(provision, device):
    done = provision("selftest", "--level", "gate", "--quiet")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert "appliance: nothing answers on 127.0.0.1:1" in line


def test_a_self_test_is_signed_by_the_device(provision, device, recorded, tmp_path):
    done = provision("selftest", "--level", "gate", "--report", tmp_path / "report")
    assert done.returncode == 1
    assert f"SonoEdge self-test (gate) of {device}: FAIL" in done.stdout
    report = verified((tmp_path / "report/selftest.json").read_bytes(), Report)
    assert report.device == device
    assert {result.name for result in report.results} >= {"golden vectors", "appliance", "records and audit trail"}
    assert (tmp_path / "report/selftest.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads(provision("selftest", "--level", "field", "--json").stdout)["verdict"] == "fail"


def test_a_self_test_of_a_board_without_an_identity_is_not_signed(provision, data, tmp_path):
    data.mkdir()
    done = provision("selftest", "--level", "gate", "--report", tmp_path / "report")
    assert "The report is not signed" in done.stderr
    assert json.loads((tmp_path / "report/selftest.json").read_bytes())["device"] == ""
    assert [path.name for path in (tmp_path / "report").iterdir()] == ["selftest.json"]


def test_a_support_file_has_nothing_of_a_patient(provision, device, recorded, tmp_path):
    (tmp_path / "log").write_text("\n".join(json.dumps(line) for line in ({"event": "ready", "patient": CANARY}, {"event": CANARY})))
    done = provision("support", tmp_path / "support.zip", "--log", tmp_path / "log")
    assert done.returncode == 0, done.stderr
    assert "It never holds:" in done.stdout
    with zipfile.ZipFile(tmp_path / "support.zip") as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name, content in contents.items() if CANARY.encode() in content or b"Amina" in content]
    assert json.loads(contents["log.json"]) == [{"event": "ready"}]
    assert json.loads(contents["manifest.json"])["device"] == device


@pytest.mark.parametrize("words", [("support", "/none/support.zip"), ("support", "s.zip", "--log", "/none/log")])
def test_a_support_file_that_cannot_be_written_is_one_line(provision, device, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    assert "No such file or directory" in one_line(provision(*words))


def test_a_board_is_erased_only_with_its_own_id(provision, device, recorded, tmp_path):
    other = f"{'A' if device[0] != 'A' else 'B'}{device[1:]}"
    for words, what in (
        ((), f"Type it after the command: {device}"),
        ((other,), "is not the id of a device"),
        (("x",), "'x' is not the id"),
    ):
        assert what in one_line(provision("wipe", *words))
    assert (recorded / "exams" / CANARY / "exam.json").exists()
    done = provision("wipe", device, "--certificate", tmp_path / "erased.json")
    assert done.returncode == 0, done.stderr
    assert re.match(r"Erased \d+ files, ", done.stdout)
    certificate = verified((tmp_path / "erased.json").read_bytes(), EraseCertificate)
    assert (certificate.device, certificate.folder) == (device, str(recorded))
    assert [path.name for path in recorded.iterdir() if path.name != "records.lock"] == [CERTIFICATE]
    assert json.loads(provision("init", "--json").stdout)["device"] != device


def test_a_board_without_an_identity_is_not_erased(provision, recorded):
    assert "this board has no identity" in one_line(provision("wipe", "AAAA-AAAA-AAAA-A"))
    assert (recorded / "exams" / CANARY / "exam.json").exists()


def test_nothing_is_erased_while_the_appliance_runs(provision, device, recorded):
    appliance = OnlyAppliance(recorded)
    try:
        assert "already runs on" in one_line(provision("wipe", device))
    finally:
        appliance.leave()
    assert (recorded / "exams" / CANARY / "exam.json").exists()


def test_a_certificate_that_the_stick_does_not_take_is_stated(provision, device, recorded):
    done = provision("wipe", device, "--certificate", "/none/erased.json", "--json")
    assert done.returncode == 0
    assert "/none/erased.json does not take the certificate" in done.stderr
    assert json.loads(done.stdout)["device"] == device
