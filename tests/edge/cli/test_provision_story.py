"""A board from its first release to a rollback, with the real pip and without a network. The steps are in the order of a visit."""

import json
import subprocess
from functools import partial

import pytest

from edge.records.store import Store
from tests.edge.cli.publisher import Publisher

pytestmark = pytest.mark.slow


class Visit:
    """A board with a stick, and the technician who runs `sonoedge provision` on it."""

    def __init__(self, sonoedge, folder):
        self.run = lambda *words, **how: partial(sonoedge, "provision")(*words, "--root", folder / "opt", **how)
        self.root, self.data, self.stick = folder / "opt", folder / "data", folder / "stick"
        (folder / "publisher").mkdir()
        self.publisher = Publisher(sonoedge, folder / "publisher")

    def release(self, number, *options, status=0):
        self.publisher.add(self.publisher.build(number, *options, status=status))
        self.publisher.publish(self.stick)

    def ok(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def status(self):
        return json.loads(self.ok("status", "--json"))

    @property
    def codes(self):
        return [event["code"] for event in json.loads(self.ok("history", "--json"))]

    @property
    def slots(self):
        """The release in each slot."""
        return {slot: mark["version"] for slot, mark in self.status["slots"].items()}


@pytest.fixture(scope="module")
def visit(sonoedge, tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    with pytest.MonkeyPatch.context() as shell:
        for name, value in {"DATA_DIR": folder / "data", "PORT": 1}.items():
            shell.setenv(f"SONOEDGE_{name}", str(value))
        shell.delenv("PYTHONPATH", raising=False)  # the program in a slot has its own modules
        made = Visit(sonoedge, folder)
        Store.open(made.data).close()
        made.ok("init", "--trusted-root", made.publisher.root)
        yield made


def test_1_a_release_is_applied_and_the_records_are_copied_before(visit):
    visit.release(1)
    done = visit.run("update", "apply", visit.stick, "--yes")
    assert done.returncode == 0, done.stderr
    assert "OK-ARMED" in done.stdout
    assert "Restart the device when no exam is running" in done.stdout
    assert visit.slots == {"a": "1.0.0-1"}
    assert (visit.status["active"], visit.status["trial"], visit.status["starts_left"]) == ("", "a", 3)
    assert "on trial, 3 starts left" in visit.ok("status")
    assert list((visit.data / "backups").glob("*.sqlite"))
    (result,) = visit.stick.glob("sonoedge/outbox/*/result.json")
    assert json.loads(result.read_bytes())["code"] == "OK-ARMED"


def test_2_the_next_start_tries_it(visit):
    assert visit.ok("start") == f"{visit.root / 'current'} leads to slot a\n"
    assert visit.status["starts_left"] == 2
    program = visit.root / "current/bin/sonoedge"
    assert subprocess.run([program], capture_output=True, text=True, check=True).stdout == "the golden vectors differ\n"


def test_2_no_other_is_applied_meanwhile(visit):
    done = visit.run("update", "apply", visit.stick, "--yes")
    assert (done.returncode, "a release is on trial" in done.stderr) == (2, True)


def test_3_it_tests_itself_and_is_active(visit):
    assert "OK-CONFIRMED" in visit.ok("confirm")
    assert (visit.status["active"], visit.status["trial"], visit.status["counter"]) == ("a", "", 1)


def test_4_the_next_release_takes_the_other_slot(visit):
    visit.release(2)
    done = visit.run("update", "apply", visit.stick, lines=["y"])
    assert done.returncode == 0, done.stderr
    assert "1.0.0-1" in done.stdout.splitlines()[1]
    visit.ok("start")
    assert json.loads(visit.ok("confirm", "--json"))["release_after"] == "1.0.0-2"
    assert visit.slots == {"a": "1.0.0-1", "b": "1.0.0-2"}
    shown = visit.ok("status")
    assert "1.0.0-1 (number 1), previous" in shown
    assert "1.0.0-2 (number 2), active" in shown


def test_5_a_release_that_does_not_work_goes_back(visit):
    visit.release(3, status=1)
    visit.ok("update", "apply", visit.stick, "--yes")
    visit.ok("start")
    failed = visit.run("confirm", "--within", 5)
    assert failed.returncode == 1
    assert "E-HEALTH" in failed.stdout
    assert "Release 1.0.0-3 did not pass its trial: the golden vectors differ. Release 1.0.0-2 runs again" in failed.stdout
    assert visit.ok("start") == f"{visit.root / 'current'} leads to slot b\n"
    assert visit.status["counter"] == 2


def test_6_people_roll_back_to_what_is_left(visit):
    """The previous release was written over by the one that did not work, and that one is nothing to return to."""
    done = visit.run("rollback")
    assert (done.returncode, "no previous release is stored" in done.stderr) == (2, True)
    visit.release(4, "--security-floor", 2)
    visit.ok("update", "apply", visit.stick, "--yes")
    visit.ok("start")
    visit.ok("confirm")
    assert "OK-ROLLBACK-ASKED" in visit.ok("rollback", "--why", "the page is too slow")
    visit.ok("start")
    visit.ok("confirm")
    assert visit.slots[visit.status["active"]] == "1.0.0-2"
    assert visit.status["counter"] == 4


def test_7_the_history_has_every_step(visit):
    trial = ["OK-ARMED", "OK-CONFIRMED"]
    assert visit.codes == [
        "OK-ARMED",
        "E-BUSY",
        "OK-CONFIRMED",
        *trial,
        "OK-ARMED",
        "E-HEALTH",
        "E-NO-PREVIOUS",
        *trial,
        "OK-ROLLBACK-ASKED",
        "OK-CONFIRMED",
    ]
    assert "the page is too slow" in visit.ok("history")


def test_8_the_slot_states_what_is_in_it(visit):
    slot = visit.root / "slots" / visit.status["active"]
    assert json.loads((slot / "sbom.json").read_bytes())["metadata"]["component"]["name"] == "sonoedge"
    assert json.loads((slot / "release.json").read_bytes())["version"] == "1.0.0-2"
    assert not (visit.root / "incoming").exists()
