"""The description next to each backup, signed with the key of the audit trail: who edits a backup on a stick cannot sign it again."""

import json
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict
from typing_extensions import Self

from edge.disk.plain_file import inside, read_plain
from edge.records.audit.seal import Seal, fingerprint, holds

PATTERN, DATABASES = "records-*.json", "records-*.sqlite"
MOST_BYTES = 100_000
"""A description has about 500 bytes."""


class Backup(BaseModel):
    """A copy of the database as it was at `at`, after the audit entry `seq`; `public` is the key that signed its tip.

    The backup with the higher `number` is the later one, also where a wrong clock was corrected in between. `signature`, in base64, covers
    every other field; it is empty where an older release made the backup.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    number: int
    at: AwareDatetime
    seq: int
    hash: str
    sha256: str
    bytes: int
    public: str
    signature: str = ""

    def signed(self, seal: Seal) -> Self:
        """The same description, signed by the key `public`."""
        return self.model_copy(update={"signature": seal.sign(self._signed_text)})

    def signed_by(self, public: str) -> bool:
        """Whether the key whose public part is `public` (PEM) signed this description."""
        return holds(public, self._signed_text, self.signature)

    @property
    def _signed_text(self) -> str:
        facts = {**self.model_dump(exclude={"signature"}), "at": self.at.isoformat()}
        return f"sonoedge-backup {json.dumps(facts, sort_keys=True)}"

    def doubt(self, public: str) -> str:
        """Why the appliance with this key does not restore the backup by itself, for a person who may; empty where it does."""
        if self.signed_by(public):
            return ""
        if not self.signature:
            return "it carries no signature: an older release made it, or somebody has changed it"
        return f"it is signed by another key, with the fingerprint {fingerprint(self.public)}"


def backups_in(folder: Path) -> tuple[Backup, ...]:
    """The newest first; a file that does not describe a backup is skipped (`undescribed` names it)."""
    found = [backup for path in folder.glob(PATTERN) if (backup := _read(path)) and _is_file(folder, backup.file)]
    return tuple(sorted(found, key=lambda backup: (backup.number, backup.file), reverse=True))


def own_backups(folder: Path, public: str) -> tuple[Backup, ...]:
    """The backups whose description this key signed, the newest first."""
    return tuple(backup for backup in backups_in(folder) if backup.signed_by(public))


def undescribed(folder: Path) -> tuple[Path, ...]:
    """Databases without a description that can be read, and descriptions without their database: neither can be checked."""
    described = {Path(backup.file).stem for backup in backups_in(folder)}
    return tuple(path for pattern in (DATABASES, PATTERN) for path in sorted(folder.glob(pattern)) if path.stem not in described)


def _is_file(folder: Path, name: str) -> bool:
    path = inside(folder, name)
    return path is not None and path.is_file()


def _read(path: Path) -> Backup | None:
    try:
        return Backup.model_validate_json(read_plain(path, MOST_BYTES))
    except (OSError, ValueError):
        return None
