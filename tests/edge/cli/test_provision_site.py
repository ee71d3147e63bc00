"""`sonoedge provision site`, from the keys of a publisher to the stick that comes back. Nothing outside the folder of a test is written."""

import json
import re
import shutil
from functools import partial

import pytest
from cryptography import x509

from edge.cli import provision_board
from edge.disk.layout import DataFolder
from provisioning.boot.place import Place
from provisioning.site.firewall import DROP_IN, SERVICE
from tests.edge.cli.publisher import Publisher

WARD, CLINIC = "192.168.1.0/24", "10.20.0.0/16"


@pytest.fixture(scope="module")
def shop(sonoedge, tmp_path_factory):
    """A publisher with sticks: `empty` holds no policy, `ward` and then `clinic` one of kisumu, `lodwar` one of another site only."""
    publisher = Publisher(sonoedge, tmp_path_factory.mktemp("publisher"))
    publisher.publish(publisher.folder / "empty")
    for site in ("kisumu", "lodwar"):
        publisher.run("delegate", publisher.repository, f"sites-{site}", publisher.keys / f"sites-{site}-1.pem")
    publisher.run("sign", publisher.repository, "targets", publisher.keys / "targets-1.pem", publisher.keys / "targets-3.pem")
    publisher.run("sign", publisher.repository, "sites-kisumu", publisher.keys / "sites-kisumu-1.pem")
    for name, site, network, port in (("lodwar", "lodwar", WARD, 8443), ("ward", "kisumu", WARD, 8443), ("clinic", "kisumu", CLINIC, 9443)):
        publisher.run("policy", publisher.repository, site, "--network", network, "--port", port)
        publisher.run("sign", publisher.repository, f"sites-{site}", publisher.keys / f"sites-{site}-1.pem")
        publisher.publish(publisher.folder / name)
    return publisher


@pytest.fixture
def stick(shop, tmp_path):
    """A copy of a stick for one test."""
    return lambda name: shutil.copytree(shop.folder / name, tmp_path / name)


@pytest.fixture
def units(tmp_path):
    """A folder of units with that of the appliance."""
    folder = tmp_path / "units"
    folder.mkdir()
    (folder / SERVICE).write_text("[Service]\nIPAddressDeny=any\n")
    return folder


@pytest.fixture
def provision(sonoedge, tmp_path, monkeypatch):
    """Runs `sonoedge provision` on a board that was not set up yet."""
    for name, value in {"DATA_DIR": tmp_path / "data", "PORT": 1}.items():
        monkeypatch.setenv(f"SONOEDGE_{name}", str(value))
    return lambda *words: partial(sonoedge, "provision")(*words, "--root", tmp_path / "opt")


@pytest.fixture
def site(provision, shop, units):
    """Runs `sonoedge provision site` on a board that trusts the publisher."""
    assert provision("init", "--trusted-root", shop.root).returncode == 0

    def run(verb, *words):
        return provision("site", verb, *words, *(("--units", units) if verb in ("apply", "leave") else ()))

    return run


@pytest.fixture
def joined(site, stick):
    """The same, on a board of the site kisumu, whose pages open to the ward."""
    assert site("apply", stick("ward"), "--site", "kisumu").returncode == 0
    return site


def shown(site):
    return json.loads(site("show", "--json").stdout)


def allowed(units):
    return re.findall("IPAddressAllow=(.*)", (units / DROP_IN).read_text()) if (units / DROP_IN).exists() else []


def codes(provision):
    return [event["code"] for event in json.loads(provision("history", "--json").stdout)]


def result(stick):
    (folder,) = (stick / "sonoedge/outbox").iterdir()
    return json.loads((folder / "result.json").read_bytes()), folder / "result.html"


def one_line(done):
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


def refused(done, stick, code):
    """A refusal: status 2, one line, and the code on the stick."""
    stated, page = result(stick)
    assert (done.returncode, done.stdout, stated["code"]) == (2, "", code)
    *_, written, line = done.stderr.splitlines()
    assert (written, line) == (f"result: {page}", f"sonoedge: {stated['what']}. {stated['next_step']}.")
    assert "Traceback" not in done.stderr
    return stated


# the whole way


def test_a_board_joins_shows_its_site_and_leaves(site, provision, stick, units):
    assert shown(site)["site"] == ""
    ward = stick("ward")
    done = site("apply", ward, "--site", "kisumu")
    assert done.returncode == 0, done.stderr
    assert re.split("  +|\n", done.stdout)[:2] == ["OK-SITE", f"The board belongs to the site kisumu; its pages open to {WARD}."]
    assert "sudo systemctl restart sonoedge" in done.stdout
    stated, page = result(ward)
    assert (stated["code"], done.stderr.splitlines()[-1]) == ("OK-SITE", f"result: {page}")
    assert (shown(site)["networks"], allowed(units)) == ([WARD], [WARD])
    assert rows(site("leave"))["OK-SITE-LEFT"] == "The board belongs to no site."
    assert (shown(site)["site"], allowed(units)) == ("", [])
    assert codes(provision) == ["OK-SITE", "OK-SITE-LEFT"]


def test_a_later_stick_needs_no_name(joined, provision, stick, units):
    done = joined("apply", stick("clinic"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["code"] == "OK-SITE"
    stated = shown(joined)
    assert (stated["networks"], stated["port"], allowed(units)) == ([CLINIC], 9443, [CLINIC])
    assert codes(provision) == ["OK-SITE", "OK-SITE"]


def test_leaving_is_safe_to_repeat(joined):
    for number in (2, 3):
        done = joined("leave", "--json")
        assert done.returncode == 0
        assert {"number": number, "code": "OK-SITE-LEFT"}.items() <= json.loads(done.stdout).items()


def test_a_board_without_the_service_gets_no_drop_in(site, stick, units):
    (units / SERVICE).unlink()
    assert site("apply", stick("ward"), "--site", "kisumu").returncode == 0
    assert not list(units.iterdir())


# what is shown


def rows(done):
    assert (done.returncode, done.stderr) == (0, "")
    return dict(re.split("  +", row, maxsplit=1) for row in done.stdout.splitlines())


def test_the_address_and_the_fingerprint_for_tablets(joined, provision):
    set_up = json.loads(provision("init", "--json").stdout)
    found = rows(joined("show"))
    assert (found["site"], found["networks"]) == ("kisumu", WARD)
    assert found["tablets open"] == f"https://{set_up['device'].lower()}.local:8443/"
    assert found["certificate (SHA-256)"] == set_up["certificate"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["issued"])
    stated = shown(joined)
    assert (stated["address"], stated["certificate"]) == (found["tablets open"], found["certificate (SHA-256)"])


def test_a_board_of_no_site_shows_its_fingerprint(site):
    found = rows(site("show"))
    assert (found["site"], "tablets open" in found) == ("none: the pages open on the board itself only", False)
    assert shown(site) == {"site": "", "address": "", "certificate": found["certificate (SHA-256)"]}


def test_a_board_that_was_not_set_up_shows_the_next_step(provision):
    assert rows(provision("site", "show"))["certificate (SHA-256)"] == "none: sonoedge provision init"


def test_a_policy_without_networks_has_no_address(site, tmp_path):
    (tmp_path / "opt/site.json").write_text('{"site": "kisumu", "issued_at": "2026-11-30T00:00:00Z"}')
    found = rows(site("show"))
    assert (found["networks"], found["tablets open"], shown(site)["address"]) == ("none", "nothing", "")


def test_to_look_changes_nothing(joined, tmp_path):
    def content():
        folders = (tmp_path / "opt", tmp_path / "data", tmp_path / "units")
        return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}

    (tmp_path / "data/identity/leaf.pem").unlink()
    before = content()
    joined("show")
    joined("certificate", tmp_path / "tablet.crt")
    assert content() == before


def test_the_certificate_is_the_authority_that_the_label_names(site, tmp_path):
    file = tmp_path / "tablet.crt"
    assert site("certificate", file).stdout.startswith(f"{file} is written.")
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    fingerprint = certificate.fingerprint(certificate.signature_hash_algorithm).hex(":").upper()
    assert fingerprint == shown(site)["certificate"]
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert b"PRIVATE" not in file.read_bytes()


def test_a_certificate_that_cannot_be_written_is_one_line(site, tmp_path):
    assert "No such file or directory" in one_line(site("certificate", tmp_path / "none/tablet.crt"))
    assert "cannot be used" in one_line(site("certificate", tmp_path / "opt"))


def test_a_board_that_was_not_set_up_has_no_certificate(provision, tmp_path):
    assert "sonoedge provision init" in one_line(provision("site", "certificate", tmp_path / "tablet.crt"))


# what is refused


@pytest.mark.parametrize(("name", "code"), [("lodwar", "E-WRONG-SITE"), ("empty", "E-NO-POLICY")])
def test_a_stick_without_a_policy_of_the_site(site, provision, stick, name, code):
    refused(site("apply", mounted := stick(name), "--site", "kisumu"), mounted, code)
    assert (shown(site)["site"], codes(provision)) == ("", [code])


def test_a_board_of_a_site_joins_no_other(joined, provision, stick, units):
    clinic = stick("clinic")
    stated = refused(joined("apply", clinic, "--site", "lodwar"), clinic, "E-WRONG-SITE")
    assert stated["now"] == "The pages open where they opened before"
    assert (shown(joined)["site"], allowed(units), codes(provision)) == ("kisumu", [WARD], ["OK-SITE", "E-WRONG-SITE"])


def test_a_policy_that_was_changed_on_the_stick(joined, provision, stick, units):
    clinic = stick("clinic")
    (file,) = clinic.glob("sonoedge/targets/sites/kisumu/*.policy.json")
    file.write_bytes(file.read_bytes().replace(b"10.20.0.0/16", b"10.0.0.0/8  "))
    refused(joined("apply", clinic), clinic, "E-TAMPER")
    assert (shown(joined)["networks"], allowed(units), codes(provision)) == ([WARD], [WARD], ["OK-SITE", "E-TAMPER"])


def test_an_older_stick_after_a_newer_one(joined, provision, stick, units, tmp_path):
    joined("apply", stick("clinic"))
    refused(joined("apply", tmp_path / "ward"), tmp_path / "ward", "E-ROLLBACK")
    assert (shown(joined)["networks"], allowed(units)) == ([CLINIC], [CLINIC])
    assert codes(provision) == ["OK-SITE", "OK-SITE", "E-ROLLBACK"]


def test_a_board_that_trusts_nobody_yet(provision, stick, units):
    ward = stick("ward")
    refused(provision("site", "apply", ward, "--site", "kisumu", "--units", units), ward, "E-NOT-SET-UP")
    assert codes(provision) == []


def test_a_folder_that_is_no_stick(site, tmp_path):
    (tmp_path / "folder").mkdir()
    done = site("apply", tmp_path / "folder", "--site", "kisumu")
    assert (done.returncode, f"{tmp_path / 'folder'} has no folder sonoedge/metadata" in done.stderr) == (2, True)


def test_no_stick_is_mounted(site, provision, monkeypatch, tmp_path):
    monkeypatch.setattr("provisioning.sticks.MOUNTS", tmp_path / "mounts")
    (tmp_path / "mounts").write_text("proc /proc proc rw 0 0\n")
    assert one_line(site("apply", "--site", "kisumu")).startswith("sonoedge: no mounted stick holds releases")
    assert codes(provision) == []


@pytest.mark.parametrize("verb", ["apply", "leave"])
def test_a_disk_that_refuses_is_in_the_history(joined, provision, units, stick, verb):
    (units / DROP_IN).unlink()
    (units / DROP_IN).mkdir()
    done = joined(verb, *([stick("clinic")] if verb == "apply" else ()))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("sonoedge: the disk of the board refuses the change (Is a directory).")
    assert codes(provision) == ["OK-SITE", "E-DISK"]


@pytest.mark.parametrize("words", [("show",), ("apply", "STICK")], ids=["show", "apply"])
def test_a_damaged_policy_is_one_line_with_the_next_step(joined, stick, tmp_path, words):
    (tmp_path / "opt/site.json").write_text("{")
    done = joined(*(stick("clinic") if word == "STICK" else word for word in words))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("Leave the site, then take its policy again: sonoedge provision site leave.")
    assert joined("leave").returncode == 0
    assert shown(joined)["site"] == ""


@pytest.mark.parametrize("verb", ["apply", "leave"])
def test_two_commands_do_not_change_the_board_at_once(site, stick, tmp_path, verb):
    board = provision_board.Installed(Place(tmp_path / "opt"), None, DataFolder(tmp_path / "data"))
    with provision_board.changing(board):
        done = site(verb, *([stick("ward"), "--site", "kisumu"] if verb == "apply" else ()))
    assert (done.returncode, "another command changes the slots of this board" in done.stderr) == (2, True)
