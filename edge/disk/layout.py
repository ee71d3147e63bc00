"""The layout of the data folder: the only module that knows the names of the files and folders in it.

The names are part of the format: an older program must find what a newer one wrote, so a name never changes.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The data folder at `root`, which need not exist. A backup folder has `exams`, `audit_heads` and `audit_key` under the same names."""

    root: Path

    @property
    def records(self) -> Path:
        """The SQLite database."""
        return self.root / "records.sqlite"

    @property
    def records_log(self) -> Path:
        """SQLite's write-ahead log, there while the database is in use or after a power cut."""
        return self.root / "records.sqlite-wal"

    @property
    def records_index(self) -> Path:
        """SQLite's shared-memory index of the log."""
        return self.root / "records.sqlite-shm"

    @property
    def fresh_records(self) -> Path:
        """A database that is being prepared to replace `records`."""
        return self.root / "records.sqlite.new"

    @property
    def records_sum(self) -> Path:
        """The digest of a database that was closed in good order."""
        return self.root / "records.sum"

    @property
    def records_lock(self) -> Path:
        """Locked by every process that uses the records."""
        return self.root / "records.lock"

    @property
    def audit_key(self) -> Path:
        """The private key that signs the audit trail; only the appliance's user may read it."""
        return self.root / "audit_key.pem"

    @property
    def audit_heads(self) -> Path:
        """Journal of the signed heads of the audit trail."""
        return self.root / "audit_heads.jsonl"

    @property
    def backups(self) -> Path:
        """Copies of the database on the same disk."""
        return self.root / "backups"

    @property
    def quarantine(self) -> Path:
        """What was damaged or belongs to nothing. The program never deletes it."""
        return self.root / "quarantine"

    @property
    def exams(self) -> Path:
        """One folder an exam, with its clips and `exam.json`."""
        return self.root / "exams"

    @property
    def recordings(self) -> Path:
        """Recordings outside exams."""
        return self.root / "recordings"

    @property
    def probe_checks(self) -> Path:
        """One journal a serial number."""
        return self.root / "probe_checks"

    @property
    def models(self) -> Path:
        """One folder an installed model release, and which one is active."""
        return self.root / "models"

    @property
    def model_keys(self) -> Path:
        """The public keys that this site trusts, NAME.pub each."""
        return self.root / "model_keys"

    @property
    def shadow(self) -> Path:
        """What a shadow release recorded."""
        return self.root / "shadow"

    @property
    def disagreements(self) -> Path:
        """Journal of where a shadow release and the active one disagreed."""
        return self.shadow / "disagreements.jsonl"

    @property
    def protocols(self) -> Path:
        """The site's own exam protocols."""
        return self.root / "protocols"

    @property
    def reread(self) -> Path:
        """One folder a pair of releases, with what was reread."""
        return self.root / "reread"

    @property
    def policy(self) -> Path:
        """The site's own policy for people, in YAML."""
        return self.root / "people.yaml"

    @property
    def pin_hash(self) -> Path:
        """The PIN hash parameters that were measured on this board."""
        return self.root / "pin_hash.json"
