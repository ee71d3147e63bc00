"""The key files of a publisher: one file a key, ROLE-1.pem and so on. Those of root and targets belong to separate people."""

from collections.abc import Iterable
from pathlib import Path

from securesystemslib.signer import CryptoSigner

from edge.disk.keys import make_private_key, private_key

KEYS = {"root": 3, "targets": 3, "snapshot": 1, "timestamp": 1}
"""How many keys each role has; a delegated role has one."""
THRESHOLD = {"root": 2, "targets": 2}
"""How many of them must sign; one for any other role."""


def make_keys(folder: Path, delegated: Iterable[str] = ()) -> None:
    """Makes the keys of a new repository, with those of these delegated roles.

    Raises:
        FileExistsError: there is such a key already; it stays as it is.
        OSError: the folder or the disk refuses it.
    """
    for role, count in {**KEYS, **dict.fromkeys(delegated, 1)}.items():
        for number in range(1, count + 1):
            make_key(folder, role, number)


def make_key(folder: Path, role: str, number: int) -> Path:
    """Makes one key of a role; returns its file.

    Raises:
        FileExistsError, OSError: as for `make_keys`.
    """
    path = folder / f"{role}-{number}.pem"
    make_private_key(path)
    return path


def key_files(folder: Path, role: str) -> list[Path]:
    """The key files of a role in a folder, by their names."""
    return sorted(path for path in folder.glob(f"{role}-*.pem") if path.stem.removeprefix(f"{role}-").isdecimal())


def signer(path: Path) -> CryptoSigner:
    """Signs with the key of a file.

    Raises:
        KeyUnusable: it cannot be read, or is not an Ed25519 private key.
    """
    return CryptoSigner(private_key(path))
