"""`sonoedge release` as publishers run it: each step states the next one, and every refusal is one line."""

import hashlib
import json
from pathlib import Path

import pytest

from provisioning.board import compat
from tests.edge.cli.publisher import ISSUED, ROLE


def one_line(done):
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


def test_the_keys_are_made_once(publisher):
    names = {path.stem for path in publisher.keys.iterdir()}
    assert names == {
        *(f"{role}-{number}" for role in ("root", "targets") for number in (1, 2, 3)),
        "snapshot-1",
        "timestamp-1",
        f"{ROLE}-1",
    }
    before = {path: path.read_bytes() for path in publisher.keys.iterdir()}
    assert "File exists" in one_line(publisher.sonoedge("keys", publisher.keys))
    assert {path: path.read_bytes() for path in publisher.keys.iterdir()} == before


def test_a_release_on_a_stick_step_by_step(publisher, tmp_path):
    bundle = publisher.build(1)
    listed = publisher.run("add", publisher.repository, bundle)
    assert f"next: sonoedge release sign {publisher.repository} {ROLE} KEY.pem" in listed
    states = {each["role"]: each for each in json.loads(publisher.run("show", publisher.repository, "--json"))}
    assert (states[ROLE]["version"], states[ROLE]["lacks"]) == (2, 1)
    assert "lacks 1 signatures" in publisher.run("show", publisher.repository)
    assert "lacks 1 signatures" in one_line(
        publisher.sonoedge("publish", publisher.repository, tmp_path / "stick", "--keys", publisher.keys)
    )
    assert not list(tmp_path.glob("stick/**/*.tar"))
    assert publisher.run("sign", publisher.repository, ROLE, publisher.keys / f"{ROLE}-1.pem") == f"{ROLE} is signed\n"
    assert "lacks" not in publisher.run("show", publisher.repository)
    published = publisher.publish(tmp_path / "stick")
    (copy,) = tmp_path.glob("stick/sonoedge/targets/app/*/*.tar")
    assert copy.read_bytes() == bundle.read_bytes()
    count = sum(path.is_file() for path in (tmp_path / "stick").rglob("*"))
    assert published == f"{count} files are on {tmp_path / 'stick'}, and each was read back\n"


def test_two_persons_sign_for_a_board_without_a_role_of_its_own(publisher):
    listed = publisher.run("add", publisher.repository, publisher.build(1, board="armv7l-cp313"))
    assert f"next: sonoedge release sign {publisher.repository} targets KEY.pem" in listed
    words = ("sign", publisher.repository, "targets")
    assert publisher.run(*words, publisher.keys / "targets-1.pem") == "targets lacks 1 more signatures\n"
    assert publisher.run(*words, publisher.keys / "targets-3.pem") == "targets is signed\n"


def test_a_build_states_its_digest_and_the_same_input_gives_the_same_bytes(publisher, tmp_path):
    bundle = publisher.build(3, "--security-floor", 2, "--least-number", 1)
    first = bundle.read_bytes()
    words = (
        "--project",
        tmp_path / "project-0",
        "--wheelhouse",
        tmp_path / "wheels",
        "--output",
        tmp_path / "again",
        "--issued-at",
        ISSUED,
    )
    stated = json.loads(publisher.run("build", "--number", 3, "--security-floor", 2, "--least-number", 1, *words, "--json"))
    assert Path(stated["bundle"]).read_bytes() == first
    assert stated["sha256"] == hashlib.sha256(first).hexdigest()
    assert stated["target"] == f"app/{compat()}/{bundle.name}"
    assert (stated["version"], stated["counter"], stated["security_floor"], stated["least_counter"]) == ("1.0.0-3", 3, 2, 1)
    assert any(model.startswith("lung-") for model in stated["models"])


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--project", "/none"), "/none/pyproject.toml cannot be read"),
        (("--wheelhouse", "/none"), "/none has no wheel that the lock admits of tiny 1.0"),
        (("--version", "a b"), "the release cannot be described"),
        (("--board", ""), "the release cannot be described"),
        (("--issued-at", "2026-11-30"), "Invalid value for '--issued-at'"),
        (("--number", 0), "Invalid value for '--number'"),
    ],
)
def test_a_build_that_is_refused(publisher, tmp_path, options, line):
    words = ("--number", 2, "--project", publisher.project(), "--wheelhouse", tmp_path / "wheels", "--issued-at", ISSUED)
    done = publisher.sonoedge("build", *words, "--output", tmp_path / "again", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert line in done.stderr.splitlines()[-1]
    assert not list(tmp_path.glob("again/*"))


def test_a_project_without_a_commit_has_no_time(publisher, tmp_path):
    words = ("--project", publisher.project(), "--wheelhouse", tmp_path / "wheels", "--output", tmp_path / "again")
    assert "has no commit, so the time is not known. Add --issued-at." in one_line(publisher.sonoedge("build", "--number", 2, *words))


REFUSED = {
    "a repository that is there": (("new", "REPO", "--keys", "KEYS"), "holds a repository already"),
    "a bundle that is none": (("add", "REPO", "KEYS/root-1.pem"), "root-1.pem is not a whole bundle"),
    "a bundle that is absent": (("add", "REPO", "none.tar"), "none.tar cannot be used: No such file or directory"),
    "a key of another role": (("sign", "REPO", ROLE, "KEYS/root-1.pem"), f"root-1.pem is not a key of {ROLE}"),
    "a key that is absent": (("sign", "REPO", ROLE, "none.pem"), "none.pem"),
    "a role that nobody has": (("sign", "REPO", "boards-x", "KEYS/root-1.pem"), "no metadata of boards-x"),
    "a folder without a repository": (("show", "KEYS"), "no metadata of targets"),
    "a folder without keys": (("publish", "REPO", "STICK", "--keys", "REPO"), "snapshot-1.pem"),
    "a stick that is a file": (("publish", "REPO", "KEYS/root-1.pem"), "root-1.pem"),
}


@pytest.mark.parametrize(("words", "line"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_one_line(publisher, tmp_path, monkeypatch, words, line):
    monkeypatch.chdir(tmp_path)
    places = {"REPO": publisher.repository, "KEYS": publisher.keys, "STICK": tmp_path / "stick"}
    first = {word: word.split("/")[0] for word in words}
    typed = [word.replace(first[word], str(places[first[word]])) if first[word] in places else word for word in words]
    assert line in one_line(publisher.sonoedge(*typed))
