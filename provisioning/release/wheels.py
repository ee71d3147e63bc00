"""The packages of a release: what the lock names, found in a folder, and the project's own wheel."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from edge.disk.digest import digest_of
from provisioning.codes import ProvisionRefused

LOCKS = {"cp310": "runtime-py310.txt"}
LOCK = "runtime.txt"
"""The lock of every other Python."""
PARTS = ("pyproject.toml", "README.md", "LICENSE", "edge", "firmware_bridge", "models", "provisioning")
"""What the wheel of the project is built from."""
FILL = "Fill the folder with `make wheelhouse` on a machine with a network and the same Python and processor"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package file. `name` is canonical; `sha256` is in hexadecimal."""

    name: str
    version: str
    path: Path
    sha256: str

    @property
    def requirement(self) -> str:
        """Its line for pip, with the only digest that is admitted."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


def wheel_of(path: Path) -> Wheel:
    """Raises ProvisionRefused: E-RELEASE, its name is not that of a wheel. OSError: it cannot be read."""
    try:
        name, version, *_ = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise ProvisionRefused("E-RELEASE", f"{path} is not a Python package ({error})", FILL) from error
    return Wheel(name, str(version), path, digest_of(path))


def lock_for(project: Path, compat: str) -> Path:
    """The lock file for a board, see `provisioning.board.compat`."""
    return project / "requirements" / LOCKS.get(compat.rpartition("-")[2], LOCK)


def locked(lock: Path) -> Mapping[str, tuple[str, frozenset[str]]]:
    """The version and the admitted digests of each package that a lock file names.

    Raises:
        ProvisionRefused: E-RELEASE, it cannot be read.
    """
    try:
        lines = lock.read_text().replace("\\\n", " ").splitlines()
    except OSError as error:
        raise ProvisionRefused("E-RELEASE", f"{lock} cannot be read ({error.strerror})", "Name a checkout of the project") from error
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for line in lines:
        stated, *digests = line.split("--hash=sha256:")
        if stated.strip() and not stated.startswith("#"):
            requirement = Requirement(stated.strip())
            version = str(requirement.specifier).removeprefix("==")
            found[canonicalize_name(requirement.name)] = (version, frozenset(map(str.strip, digests)))
    return found


def collect(lock: Path, folder: Path) -> list[Wheel]:
    """The wheel of each package that the lock names; others in the folder are left out.

    Raises:
        ProvisionRefused: E-RELEASE, one is missing, or is not the locked one.
    """
    there: dict[tuple[str, str], list[Wheel]] = {}
    for path in sorted(folder.glob("*.whl")):
        wheel = wheel_of(path)
        there.setdefault((wheel.name, wheel.version), []).append(wheel)
    chosen = []
    for name, (version, digests) in locked(lock).items():
        wheels = [wheel for wheel in there.get((name, version), []) if wheel.sha256 in digests]
        if len(wheels) != 1:
            what = "no wheel that the lock admits" if not wheels else f"{len(wheels)} wheels for more than one kind of board"
            raise ProvisionRefused("E-RELEASE", f"{folder} has {what} of {name} {version}", FILL)
        chosen += wheels
    if not chosen:
        raise ProvisionRefused("E-RELEASE", f"{lock} names no package", "Name a checkout of the project")
    return chosen


def build_own(project: Path, into: Path, at: datetime) -> Wheel:
    """The wheel of the project itself; the same sources and time give the same bytes.

    Raises:
        ProvisionRefused: E-RELEASE, it cannot be built.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.mkdir()
        _copy(project, source, PARTS)
        options = ("--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
        done = subprocess.run(
            (sys.executable, "-I", "-m", "pip", "wheel", *options, "--wheel-dir", str(into), str(source)),
            env={**os.environ, "SOURCE_DATE_EPOCH": str(int(at.timestamp()))},
            capture_output=True,
            text=True,
            check=False,
        )
    built = sorted(into.glob("sonoedge-*.whl"))
    if done.returncode or not built:
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "pip made no wheel")
        raise ProvisionRefused("E-RELEASE", f"the project cannot be built: {last}", "Run this in a checkout, after `make demo`")
    return wheel_of(built[-1])


def _copy(project: Path, source: Path, parts: Iterable[str]) -> None:
    for part in parts:
        place = project / part
        try:
            if place.is_dir():
                shutil.copytree(place, source / part, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
            else:
                shutil.copyfile(place, source / part)
        except OSError as error:
            raise ProvisionRefused("E-RELEASE", f"{place} cannot be read ({error})", "Name a checkout of the project") from error
