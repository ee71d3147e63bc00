"""A slot from the packages of a release: a virtual environment, made without a network, then read back from the disk."""

import base64
import csv
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from provisioning.boot.files import PIECE
from provisioning.codes import ProvisionRefused

REQUIREMENTS, WHEELS = "requirements.txt", "wheels"
NOT_COMPILED = "/(tests|pydicom/sr)/"
"""Tests, and tables of codes that nothing here imports: to compile the largest takes 150 MB of memory."""


class Installer(Protocol):
    """Makes slots."""

    def install(self, release: Path, slot: Path) -> None:
        """Makes the environment `slot`, which does not exist, of the unpacked `release`."""

    def verify(self, slot: Path) -> int:
        """Reads every installed file back, compares it with what its package states, and returns their number."""


class PipInstaller:
    """With the board's own Python, and the pip that comes with it."""

    def install(self, release: Path, slot: Path) -> None:
        """Raises ProvisionRefused: E-INSTALL, with pip's own reason."""
        _run(sys.executable if sys.prefix == sys.base_prefix else _base_python(), "-I", "-m", "venv", str(slot))
        options = [
            "--quiet",
            "--disable-pip-version-check",
            "--no-index",
            "--no-cache-dir",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            "--no-compile",
        ]
        command = [str(slot / "bin/python3"), "-I", "-m", "pip", "install", *options]
        _run(*command, "--find-links", str(release / WHEELS), "-r", str(release / REQUIREMENTS))
        _run(str(slot / "bin/python3"), "-I", "-m", "compileall", "-q", "-x", NOT_COMPILED, str(slot / "lib"))

    def verify(self, slot: Path) -> int:
        """Raises ProvisionRefused: E-INSTALL, a file differs from what its package states."""
        checked = 0
        for package in slot.glob("lib/python3*/site-packages/*.dist-info"):
            stated = _stated(package)
            if not stated:
                raise ProvisionRefused("E-INSTALL", f"{package.relative_to(slot)} does not state which files it has")
            for path, digest in stated.items():
                if _digest(path) != digest:
                    raise ProvisionRefused("E-INSTALL", f"{path.relative_to(slot)} was not written as its package states")
            checked += len(stated)
        if not checked:
            raise ProvisionRefused("E-INSTALL", f"no package was installed in {slot}")
        return checked


def _base_python() -> str:
    """The Python outside any virtual environment: a slot must not depend on another one."""
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise ProvisionRefused("E-INSTALL", f"{command[0]} cannot start ({error.strerror})") from error
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        last = next((line for line in lines if line.startswith("ERROR:")), lines[-1] if lines else f"status {done.returncode}")
        raise ProvisionRefused("E-INSTALL", f"the packages cannot be installed: {last.removeprefix('ERROR:').strip().rstrip('.')}")


def _stated(package: Path) -> dict[Path, str]:
    """The files with a digest in a RECORD (packaging.python.org, "Recording installed projects"); pip's own byte code has none."""
    try:
        with (package / "RECORD").open(newline="") as file:
            rows = [row for row in csv.reader(file) if len(row) > 1 and row[1].startswith("sha256=")]
    except FileNotFoundError:
        return {}
    return {package.parent / path: stated.removeprefix("sha256=") for path, stated, *_ in rows}


def _digest(path: Path) -> str:
    """In the form of a RECORD; empty for a file that is absent."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # from the disk, not from memory
            while piece := file.read(PIECE):
                digest.update(piece)
    except FileNotFoundError:
        return ""
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
