"""A publisher who makes tiny releases for this board with `sonoedge release`."""

from functools import partial

from provisioning.board import compat
from tests.provisioning import tiny

BOARD = compat()
ROLE = f"boards-{BOARD}"
ISSUED = "2026-11-30T00:00:00+0000"


class Publisher:
    """`folder` gets the keys, the repository and one checkout for each exit status of the program's self-test."""

    def __init__(self, sonoedge, folder):
        self.sonoedge, self.folder = partial(sonoedge, "release"), folder
        self.keys, self.repository = folder / "keys", folder / "repository"
        (folder / "wheels").mkdir()
        self.wheels = [tiny.wheel(folder / "wheels")]
        self.run("keys", self.keys, "--role", ROLE)
        self.run("new", self.repository, "--keys", self.keys, "--role", ROLE)

    @property
    def root(self):
        """The root that boards are set up with."""
        return self.repository / "metadata" / "1.root.json"

    def run(self, *words):
        """Runs a command that must succeed; returns what it prints."""
        done = self.sonoedge(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def project(self, status=0):
        """A checkout whose self-test ends with `status`."""
        made = self.folder / f"project-{status}"
        return made if made.exists() else tiny.project(made, self.wheels, status)

    def build(self, number, *options, status=0, board=BOARD):
        """Builds a release; returns its bundle."""
        made = self.folder / "dist"
        words = ("--project", self.project(status), "--wheelhouse", self.folder / "wheels", "--output", made, "--issued-at", ISSUED)
        self.run("build", "--number", number, "--board", board, *words, *options)
        return made / f"sonoedge-1.0.0-{number}-{board}.tar"

    def add(self, bundle):
        """Lists and signs a release."""
        self.run("add", self.repository, bundle)
        self.run("sign", self.repository, ROLE, self.keys / f"{ROLE}-1.pem")

    def publish(self, stick):
        """Releases what was signed, and writes it to a stick."""
        return self.run("publish", self.repository, stick, "--keys", self.keys)
