"""`sonoedge model`: lists, shows and installs releases."""

import json

import pytest

from edge.cli.model import install, list_, show
from edge.cli.model_sign import keygen, pack
from edge.inference.errors import ModelUnusable
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import Shelf, family

NOTICE = "research use, not a diagnosis"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """The data folder of an appliance."""
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def shelf(site):
    return Shelf.of(site)


def listed(capsys):
    list_(as_json=True)
    return json.loads(capsys.readouterr().out)


def test_list_shows_the_built_in_releases_and_states_that_none_is_active(site, capsys):
    list_()
    out, err = capsys.readouterr()
    assert [line.split() for line in out.splitlines()] == [[ModelRelease.load(each).ident, "built", "in"] for each in family(BUILT_IN)]
    assert "No release is active" in err


def test_list_marks_active_previous_unsigned_and_damaged_releases(shelf, candidate, tmp_path, capsys):
    for version in ("1.0.0", "2.0.0"):
        shelf.install(candidate(tmp_path / version, version), {}, unsigned=True)
    shelf.activate("lung-s-1.0.0", before="lung-m")
    shelf.activate("lung-s-2.0.0")
    (shelf.find("lung-s-1.0.0") / "card.html").write_text("another")
    list_()
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["lung-s-1.0.0"].split()[1:3] == ["previous", "UNSIGNED"]
    assert "card.html is not the file that was released" in lines["lung-s-1.0.0"]
    assert lines["lung-s-2.0.0"].split()[1:] == ["active", "UNSIGNED"]
    shown = listed(capsys)
    assert (shown["active"], shown["previous"]) == ("lung-s-2.0.0", "lung-s-1.0.0")
    assert {each["ident"]: (each["active"], each["problem"] is None) for each in shown["releases"]}["lung-s-2.0.0"] == (True, True)


def test_list_states_that_the_release_in_the_settings_is_used(site, monkeypatch, capsys):
    monkeypatch.setenv("SONOEDGE_MODEL", "/somewhere")
    list_()
    assert "The settings name /somewhere" in capsys.readouterr().err
    assert listed(capsys)["named"] == "/somewhere"


def test_list_shows_the_releases_before_it_reports_the_damaged_pointer(shelf, capsys):
    shelf.folder.mkdir(parents=True)
    (shelf.folder / "active.json").write_text("{")
    with pytest.raises(ModelUnusable, match=r"active\.json is damaged"):
        list_()
    assert "built in" in capsys.readouterr().out


def test_show_prints_manifest_calibration_thresholds_data_and_licences(site, capsys):
    show("lung-m")
    out = capsys.readouterr().out
    release = ModelRelease.load(BUILT_IN / "lung-m")
    for text in (release.version, release.sha256, release.licence, NOTICE.capitalize(), "slope", "present from"):
        assert text in out
    for label in release.findings:
        assert f"{label.name} " in out
        assert f"{label.slope:.4f}" in out
        assert f"{label.present_from:.4f}" in out
    for each in release.data:
        assert each.name in out
        assert each.licence in out


def test_show_in_json_has_stable_keys(site, capsys):
    show("lung-m", as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown["notice"] == NOTICE
    assert {"ident", "task", "findings", "alpha", "data", "licence", "operators", "input_side", "files"} <= shown.keys()
    assert {"key", "name", "slope", "offset", "present_from", "absent_to"} <= shown["findings"][0].keys()


def test_show_takes_a_folder_and_writes_the_card(site, candidate, tmp_path, capsys):
    folder = candidate(tmp_path / "new", "3.2.1")
    show(str(folder), card=tmp_path / "card.html")
    assert capsys.readouterr().out.startswith("lung-s 3.2.1, for lung")
    assert (tmp_path / "card.html").read_bytes() == (folder / "card.html").read_bytes()
    with pytest.raises(ModelUnusable, match="cannot be written"):
        show(str(folder), card=tmp_path / "no" / "card.html")


def test_a_signed_bundle_is_installed_if_its_key_is_trusted(site, shelf, candidate, tmp_path, capsys):
    folder = candidate(tmp_path / "new", "1.0.0")
    keygen("st-mary", tmp_path)
    pack(str(folder), tmp_path / "st-mary.pem", tmp_path)
    bundle = tmp_path / "lung-s-1.0.0.sonomodel"
    with pytest.raises(ModelUnusable, match="has no signature that this site trusts"):
        install(bundle)
    assert [each for each in shelf.releases() if not each.built_in] == []
    (site / "model_keys").mkdir()
    (tmp_path / "st-mary.pub").rename(site / "model_keys" / "st-mary.pub")
    install(bundle)
    assert "signed by st-mary" in capsys.readouterr().out.splitlines()[-1]
    list_()
    assert capsys.readouterr().out.splitlines()[0].split(maxsplit=1) == ["lung-s-1.0.0", "signed by st-mary"]


def test_pack_and_install_answer_in_json(site, candidate, tmp_path, capsys):
    folder = candidate(tmp_path / "new", "1.0.0")
    keygen("st-mary", tmp_path)
    capsys.readouterr()
    pack(str(folder), tmp_path / "st-mary.pem", tmp_path, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert (shown["bundle"], shown["signed_by"]) == (str(tmp_path / "lung-s-1.0.0.sonomodel"), "st-mary")
    install(folder, unsigned=True, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert (shown["installed"], shown["signed_by"], shown["notice"]) == ("lung-s-1.0.0", None, NOTICE)


def test_a_folder_is_installed_only_with_unsigned(site, shelf, candidate, tmp_path, capsys):
    folder = candidate(tmp_path / "new", "1.0.0")
    with pytest.raises(ModelUnusable, match="--unsigned"):
        install(folder)
    install(folder, unsigned=True)
    assert "UNSIGNED" in capsys.readouterr().out
    assert shelf.find("lung-s").name == "lung-s-1.0.0"
