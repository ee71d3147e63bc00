"""A bare Debian 12 to install into, made once and copied for each test; installed into from a wheelhouse, with no network."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("TMPDIR", "/var/tmp")) / "sonoedge-bare-debian-12"
PACKAGES = "python3,python3-venv"
PROGRAMS = {"debootstrap": "debootstrap", "ip": "iproute2", "unshare": "util-linux"}
"""What makes the Debian and its commands, and the packages that contain them."""
LIMIT_S = 600
"""A command that hangs ends here, with what it printed."""
PARTS = ("pyproject.toml", "README.md", "LICENSE", "edge", "firmware_bridge", "models", "provisioning", "requirements")


def run(*command):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def bare_debian(missing):
    if os.geteuid() != 0:
        missing("root, which a bare Debian needs")
    for program, package in PROGRAMS.items():
        if shutil.which(program) is None:
            missing(f"{program} (apt-get install {package})")
    if not (CACHE / "done").exists():
        shutil.rmtree(CACHE, ignore_errors=True)
        CACHE.mkdir(parents=True)
        mirrors = sorted(set(run("apt-get", "indextargets", "--format", "$(SITE)").split()))
        mirror = next(m for m in mirrors if "debian" in m.lower())
        run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", CACHE / "root", mirror)
        (CACHE / "done").touch()
    return CACHE / "root"


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheelhouse")
    subprocess.run(["make", "-C", ROOT, "wheelhouse"], check=True, stdout=subprocess.DEVNULL)
    shutil.copytree(ROOT / "wheelhouse", folder, dirs_exist_ok=True)
    return folder


class Board:
    """A root folder in which commands run as on a board of its own."""

    MOUNTS = (
        ("--bind", "/dev", "dev"),
        ("--bind", "/dev/pts", "dev/pts"),
        ("-t", "proc", "proc", "proc"),
        ("-t", "tmpfs", "tmpfs", "dev/shm"),
    )

    def __init__(self, root):
        self.root = root

    def __call__(self, *command, check=True):
        """Without network: the wheelhouse must be enough. What the command started in the background ends with it."""
        inside = ("sh", "-c", 'ip link set lo up && exec "$@"', "sh", "chroot", str(self.root), *map(str, command))
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
        with subprocess.Popen(
            ("unshare", "--net", *inside),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        ) as started:
            try:
                stdout, stderr = started.communicate(timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                os.killpg(started.pid, signal.SIGKILL)
                stdout, stderr = started.communicate()
                pytest.fail(f"{command} did not end in {LIMIT_S} s:\n{stdout}{stderr}")
        assert not check or started.returncode == 0, stdout + stderr
        return subprocess.CompletedProcess(command, started.returncode, stdout, stderr)

    def path(self, place):
        return self.root / place.lstrip("/")


@pytest.fixture(scope="module")
def board(bare_debian, wheelhouse, tmp_path_factory):
    root = tmp_path_factory.mktemp("board") / "root"
    run("cp", "-a", bare_debian, root)
    made = Board(root)
    for *how, place in Board.MOUNTS:
        run("mount", *how, root / place)
    for part in PARTS:
        run("cp", "-a", ROOT / part, made.path("/home/") / part)
    run("cp", "-a", wheelhouse, made.path("/mnt/stick"))
    yield made
    for *_, place in reversed(Board.MOUNTS):
        run("umount", "-l", root / place)
    subprocess.run(["rm", "-rf", "--one-file-system", root], check=True)
