"""What earlier programs left: their source from the history, and the archives of their data."""

import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def unpack(archive: Path, into: Path) -> None:
    """An archive of this project. Python 3.11.2 (Debian 12) has no filters, and its tar no xz; later ones want a filter."""
    safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(archive) as packed:
        packed.extractall(into, **safely)


def checkout(commit: str, into: Path, missing: Callable[[str], None], *parts: str) -> Path:
    """The files of a commit, or only those in `parts`, in a folder of their own in `into`."""
    history = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    packed = into / f"{commit}.tar"
    with packed.open("wb") as file:
        archive = ["git", "-C", str(ROOT), "archive", commit, *parts]
        if subprocess.run(archive, stdout=file, stderr=subprocess.DEVNULL, check=False, env=history).returncode:
            missing(f"commit {commit} in the history (git fetch --unshallow)")
    unpack(packed, into / commit)
    return into / commit
