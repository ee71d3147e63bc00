"""Every unusable release is refused before it is used, with the reason, and the active release stays."""

import json
import re
from contextlib import closing

import pytest
import typer

from edge.cli.model import install
from edge.cli.model_change import activate
from edge.cli.model_try import verify
from edge.inference.errors import ModelUnusable
from edge.inference.shelf import Shelf
from edge.records.store import Store

TFLITE = "lung-s.tflite"
OTHER = "0" * 64


def edit(folder, file="release.json", **values):
    path = folder / file
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def flip(folder):
    """One bit flips, as on a bad USB stick."""
    content = bytearray((folder / TFLITE).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / TFLITE).write_bytes(content)


def other_weights(folder):
    content = bytearray((folder / TFLITE).read_bytes())
    middle = slice(len(content) // 2, len(content) // 2 + 4096)
    content[middle] = bytes(each ^ 0x55 for each in content[middle])
    (folder / TFLITE).write_bytes(content)


def truncate(folder):
    (folder / TFLITE).write_bytes((folder / TFLITE).read_bytes()[:-100_000])


def files(folder):
    return json.loads((folder / "release.json").read_text())["files"]


def without_last_finding(folder):
    """Labels for two findings, with a network that has three outputs."""
    remaining = json.loads((folder / "release.json").read_text())["findings"][:-1]
    edit(folder, findings=remaining)
    for file in ("calibration.json", "conformal.json"):
        fitted = json.loads((folder / file).read_text())["findings"]
        edit(folder, file, findings={each["key"]: fitted[each["key"]] for each in remaining})
    edit(folder, "validation.json", validated_on=[])


REFUSED_BY_INSTALL = {
    "corrupt tflite": (flip, f"{TFLITE} is not the file that was released"),
    "truncated tflite": (truncate, f"{TFLITE} is not the file that was released"),
    "absent tflite": (lambda folder: (folder / TFLITE).unlink(), f"{TFLITE} cannot be read"),
    "wrong hash": (lambda folder: edit(folder, files=files(folder) | {"card.html": OTHER}), "card.html is not the file that was released"),
    "path traversal in files": (lambda folder: edit(folder, files=files(folder) | {"../../evil": OTHER}), "is not a plain file name"),
    "absolute path in files": (lambda folder: edit(folder, files=files(folder) | {"/etc/passwd": OTHER}), "is not a plain file name"),
    "path traversal in model": (lambda folder: edit(folder, model="../other/lung-s.tflite"), "is not a plain file name"),
    "a name that is a path": (lambda folder: edit(folder, name="../lung-s"), "name: "),
    "a version that is none": (lambda folder: edit(folder, version="newest"), "version: "),
    "a version that is a path": (lambda folder: edit(folder, version="1.0.0-/../../x"), "version: "),
    "calibration of another release": (lambda folder: edit(folder, "calibration.json", model_sha256=OTHER), "belongs to another model"),
    "thresholds of another release": (lambda folder: edit(folder, "conformal.json", model_sha256=OTHER), "belongs to another model"),
    "an unknown word": (lambda folder: edit(folder, wibble=1), "wibble"),
    "no manifest": (lambda folder: (folder / "release.json").unlink(), "release.json cannot be read"),
    "a manifest that is no JSON": (
        lambda folder: (folder / "release.json").write_text("{"),
        "release.json is not a valid file of a release",
    ),
    "a table that is no table": (lambda folder: (folder / "golden.npz").write_bytes(b"PK"), "golden.npz is not a table of numbers"),
}
REFUSED_BY_ACTIVATE = {
    "corrupt tflite, sealed": (lambda folder: (folder / TFLITE).write_bytes(b"\0" * 4096), "is not a TFLite model"),
    "truncated tflite, sealed": (truncate, f"refuses .*{TFLITE}"),
    "weights that give other numbers": (other_weights, "golden vector"),
    "wrong input size": (lambda folder: edit(folder, input_side=224), "takes"),
    "labels that do not match the outputs": (without_last_finding, "outputs"),
    "for another task": (lambda folder: edit(folder, task="heart"), "for the task 'heart', not 'lung'|it is for heart, not lung"),
}


@pytest.fixture(autouse=True)
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SONOEDGE_PORT", "0")


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf.of(tmp_path / "data")
    shelf.activate("lung-m")
    return shelf


@pytest.fixture
def folder(candidate, tmp_path):
    return candidate(tmp_path / "candidate", "1.0.0")


def verified(folder, capsys):
    """The last line of `verify` for a release that it refuses, which states the reason."""
    with pytest.raises(typer.Exit) as ended:
        verify(str(folder))
    assert ended.value.exit_code == 2
    *before, last = capsys.readouterr().out.splitlines()
    assert all(line.startswith("ok ") for line in before)
    assert last.startswith("FAILED")
    return last


@pytest.mark.parametrize("fault", REFUSED_BY_INSTALL)
def test_a_damaged_release_is_not_installed(shelf, folder, capsys, fault):
    break_it, reason = REFUSED_BY_INSTALL[fault]
    break_it(folder)
    assert reason in verified(folder, capsys)
    with pytest.raises(ModelUnusable) as raised:
        install(folder, unsigned=True)
    assert reason in str(raised.value)
    assert str(folder) in str(raised.value)
    assert sorted(each.name for each in shelf.folder.iterdir()) == ["active.json"]
    assert not (shelf.folder.parent.parent / "evil").exists()
    assert shelf.active().startswith("lung-m")


@pytest.mark.parametrize("fault", REFUSED_BY_ACTIVATE)
def test_an_intact_but_unusable_release_is_not_activated(shelf, folder, seal, capsys, fault):
    break_it, reason = REFUSED_BY_ACTIVATE[fault]
    break_it(folder)
    seal(folder)
    assert re.search(reason, verified(folder, capsys))
    install(folder, unsigned=True)
    with pytest.raises(ModelUnusable, match=reason):
        activate("lung-s-1.0.0")
    assert shelf.active().startswith("lung-m")


def test_the_candidate_itself_would_be_accepted(shelf, folder, capsys, ledgered):
    verify(str(folder))
    assert all(line.startswith("ok ") for line in capsys.readouterr().out.splitlines())
    install(folder, unsigned=True)
    with closing(Store.open(shelf.folder.parent)) as store:
        ledgered(store, folder)
    activate("lung-s-1.0.0")
    assert shelf.active() == "lung-s-1.0.0"


def test_verify_in_json_states_the_reason(folder, capsys):
    flip(folder)
    with pytest.raises(typer.Exit):
        verify(str(folder), as_json=True)
    result = json.loads(capsys.readouterr().out)
    assert (result["ok"], result["checks"][-1]["ok"], result["checks"][-1]["name"]) == (False, False, "digests")
    assert result["checks"][0] == {"name": "parts", "ok": True, "detail": result["checks"][0]["detail"]}


def test_a_release_that_is_refused_is_one_line_and_status_2(sonoedge, folder):
    flip(folder)
    done = sonoedge("model", "install", folder, "--unsigned")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"sonoedge: {folder / TFLITE} is not the file that was released")
