"""A board with the first released program goes to this one, to the next release from a stick, and back twice: every record stays.

The steps are in the order in which a technician takes them.
"""

import json
import sys
from pathlib import Path

import pytest

from provisioning.board import compat
from tests.provisioning.conftest import ROOT, run
from tests.released import checkout, unpack

pytestmark = [pytest.mark.peers, pytest.mark.slow]

RELEASED = "f4f6dfd"
"""Its data folder, with exams in every state, is in tests/upgrade."""
STATES = {"draft", "preliminary", "final", "amended"}
AS_USER = ("setpriv", "--reuid=sonoedge", "--regid=sonoedge", "--init-groups", "env", "HOME=/var/lib/sonoedge")
SONOEDGE = (sys.executable, "-m", "edge.cli")
ROLE = f"boards-{compat()}"
ON_TRIAL = """
/opt/sonoedge/boot.pyz start
{user} /opt/sonoedge/current/bin/sonoedge run --port 8042 &
sonoedge provision confirm --json; status=$?
kill $!; wait $!
exit $status
"""
"""One start of a board without systemd: the appliance runs while the release judges itself."""


@pytest.fixture(scope="module")
def released_project(tmp_path_factory, missing):
    """A checkout of the released program with its packages."""
    project = checkout(RELEASED, tmp_path_factory.mktemp("released"), missing)
    locks = [f"--requirement={project}/requirements/{lock}.txt" for lock in ("runtime", "build")]
    options = ("--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:", f"--dest={project}/wheels")
    run(sys.executable, "-m", "pip", "download", *options, *locks)
    return project


@pytest.fixture(scope="module")
def stick(wheelhouse, tmp_path_factory):
    """A stick with release 1 of this checkout, and the root of its publisher."""
    place = tmp_path_factory.mktemp("publisher")
    keys, repository = place / "keys", place / "repository"
    build = ("--number", 1, "--project", ROOT, "--wheelhouse", wheelhouse, "--output", place, "--issued-at", "2026-11-30T00:00:00+0000")
    steps = (
        ("keys", keys, "--role", ROLE),
        ("new", repository, "--keys", keys, "--role", ROLE),
        ("build", *build),
        ("add", repository, place / f"sonoedge-0.1.0-1-{compat()}.tar"),
        ("sign", repository, ROLE, keys / f"{ROLE}-1.pem"),
        ("publish", repository, place / "stick", "--keys", keys),
    )
    for step in steps:
        run(*SONOEDGE, "release", *step)
    (place / "stick" / "root.json").write_bytes((repository / "metadata" / "1.root.json").read_bytes())
    return place / "stick"


@pytest.fixture(scope="module")
def visited(board, released_project, stick):
    """The board, and next to it what a technician carries."""
    run("cp", "-a", released_project, board.path("/mnt/released"))
    run("cp", "-a", stick, board.path("/mnt/update"))
    return board


def shown(board):
    """Every exam by id, as the program that is installed shows it, without its texts."""
    listed = json.loads(board(*AS_USER, "sonoedge", "exam", "list", "--json").stdout)
    exams = [json.loads(board(*AS_USER, "sonoedge", "exam", "show", exam["id"], "--json").stdout) for exam in listed]
    facts = ("state", "study_uid", "protocol", "operator", "clips", "findings")
    return {exam["id"]: tuple(len(exam[fact]) if isinstance(exam[fact], list) else exam[fact] for fact in facts) for exam in exams}


def whole(board):
    board(*AS_USER, "sonoedge", "audit", "verify")
    board(*AS_USER, "sonoedge", "backup", "verify")
    assert not board.path("/var/lib/sonoedge/quarantine").exists()


def status(board):
    return json.loads(board("sonoedge", "provision", "status", "--json").stdout)


def entries(board):
    """How many entries the audit trail has."""
    return json.loads(board(*AS_USER, "sonoedge", "audit", "verify", "--json").stdout)["entries"]


@pytest.fixture(scope="module")
def before(visited, tmp_path_factory):
    """What the released program shows of its own records on this board."""
    visited("/mnt/released/provisioning/install.sh", "--wheelhouse", "/mnt/released/wheels")
    archive = Path(__file__).parents[1] / "upgrade" / f"made_by_{RELEASED}.tar.xz"
    unpacked = tmp_path_factory.mktemp("records")
    unpack(archive, unpacked)
    run("cp", "-a", f"{unpacked}/data/.", visited.path("/var/lib/sonoedge"))
    visited("chown", "-R", "sonoedge:sonoedge", "/var/lib/sonoedge")
    exams = shown(visited)
    assert {exam[0] for exam in exams.values()} == STATES
    return exams


def test_1_this_program_shows_every_exam_of_the_released_one(visited, before):
    visited("/home/provisioning/install.sh", "--wheelhouse", "/mnt/stick")
    assert shown(visited) == before
    whole(visited)


def test_2_so_does_the_next_release_from_a_stick(visited, before):
    visited("sonoedge", "provision", "init", "--trusted-root", "/mnt/update/root.json")
    visited("sonoedge", "provision", "update", "apply", "/mnt/update", "--yes")
    tried = visited("sh", "-c", ON_TRIAL.format(user=" ".join(AS_USER)))
    assert '"OK-CONFIRMED"' in tried.stdout
    assert status(visited)["counter"] == 1
    assert shown(visited) == before
    whole(visited)


def test_3_after_a_rollback_the_previous_one_has_what_was_recorded_in_between(visited, before):
    visited(*AS_USER, "sonoedge", "backup", "make")
    recorded, release = entries(visited), status(visited)["active"]
    visited("sonoedge", "provision", "rollback", "--why", "the page is slow")
    tried = visited("sh", "-c", ON_TRIAL.format(user=" ".join(AS_USER)))
    assert '"OK-CONFIRMED"' in tried.stdout
    assert status(visited)["active"] != release
    assert shown(visited) == before
    assert entries(visited) >= recorded
    whole(visited)


def test_4_and_the_released_program_too_when_it_is_installed_again(visited, before):
    recorded = entries(visited)
    visited("/mnt/released/provisioning/install.sh", "--wheelhouse", "/mnt/released/wheels")
    assert shown(visited) == before
    assert entries(visited) == recorded
    whole(visited)
