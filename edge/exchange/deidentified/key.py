"""The secret key of the site, from which pseudonyms, dates and UIDs of de-identified objects are derived.

Who has it can find the pseudonym of a patient again, so it never leaves the data folder; who loses it gets new pseudonyms.
"""

import secrets
from pathlib import Path

from edge.disk.durable import OWNER, create_file
from edge.disk.layout import DataFolder
from edge.disk.plain_file import read_plain
from firmware_bridge.errors import Damaged

KEY_BYTES = 32
"""As many as SHA-256 gives (RFC 2104, 3)."""


class SiteKeyUnusable(Damaged):
    """The key for pseudonyms cannot be read or made."""

    code = "site-key-unusable"


def site_key(data_dir: Path) -> bytes:
    """The key of this site, `KEY_BYTES` long; made on the first use, readable by its owner only.

    Raises:
        SiteKeyUnusable: the file is damaged, or the disk refuses it.
    """
    path = DataFolder(data_dir).pseudonym_key
    try:
        if not path.exists():
            _make(path)
        key = read_plain(path, KEY_BYTES)
    except OSError as error:
        raise SiteKeyUnusable(f"{path} cannot be used ({error})", "Restore it from a backup of the data folder") from error
    if len(key) != KEY_BYTES:
        fix = "Restore it from a backup of the data folder; without it, patients get new pseudonyms"
        raise SiteKeyUnusable(f"{path} has {len(key)} bytes, not {KEY_BYTES}", fix)
    return key


def _make(path: Path) -> None:
    try:
        create_file(path, secrets.token_bytes(KEY_BYTES), OWNER)
    except FileExistsError:
        return  # another process made it
