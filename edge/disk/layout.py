"""The layout of the data folder: the only module that knows the names of the files and folders in it.

The names are part of the format: an older program must find the files of a newer one, so a name never changes.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The data folder at `root`, which need not exist. A backup folder has `exams`, `audit_heads` and the keys under the same names."""

    root: Path

    @property
    def records(self) -> Path:
        """The SQLite database."""
        return self.root / "records.sqlite"

    @property
    def records_log(self) -> Path:
        """SQLite's write-ahead log; it exists while the database is in use or after a power cut."""
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
        """The digest of a database that was closed correctly."""
        return self.root / "records.sum"

    @property
    def records_lock(self) -> Path:
        """Locked by every process that uses the records."""
        return self.root / "records.lock"

    @property
    def audit_key(self) -> Path:
        """The private key that signs the audit trail; only the appliance's user is allowed to read it."""
        return self.root / "audit_key.pem"

    @property
    def pseudonym_key(self) -> Path:
        """The secret from which pseudonyms of de-identified exports are derived; only the appliance's user is allowed to read it."""
        return self.root / "pseudonym_key.bin"

    @property
    def audit_heads(self) -> Path:
        """Journal of the signed heads of the audit trail."""
        return self.root / "audit_heads.jsonl"

    @property
    def claimed(self) -> Path:
        """The signed mark that people were enrolled on this appliance."""
        return self.root / "claimed.json"

    @property
    def identity(self) -> Path:
        """The key of the device and its certificates (`provisioning.identity`); the key never leaves the board."""
        return self.root / "identity"

    @property
    def provision_request(self) -> Path:
        """What a person asked for on the page, for the program that is allowed to change the slots; it is gone once that began."""
        return self.root / "provision_request.json"

    @property
    def backups(self) -> Path:
        """Copies of the database on the same disk."""
        return self.root / "backups"

    @property
    def backup_places(self) -> Path:
        """The mount point under which each other folder had its last backup."""
        return self.root / "backup_places.json"

    @property
    def backup_same_disk(self) -> Path:
        """The backup folders on the disk of the records or of the system that a person accepted, or that a notice named."""
        return self.root / "backup_same_disk.json"

    @property
    def receivers(self) -> Path:
        """The public keys of the receivers for whom exams were written to a stick; their reviews are accepted."""
        return self.root / "receivers"

    @property
    def stick_work(self) -> Path:
        """Files that are made while exams are written to a stick; it is empty otherwise."""
        return self.root / "stick_work"

    @property
    def quarantine(self) -> Path:
        """Damaged files, and files that belong to no record. The program never deletes them."""
        return self.root / "quarantine"

    @property
    def exams(self) -> Path:
        """One folder for each exam, with its clips and `exam.json`."""
        return self.root / "exams"

    @property
    def recordings(self) -> Path:
        """Recordings outside exams."""
        return self.root / "recordings"

    @property
    def probe_checks(self) -> Path:
        """One journal for each serial number."""
        return self.root / "probe_checks"

    @property
    def models(self) -> Path:
        """One folder for each installed model release, and the file that names the active one."""
        return self.root / "models"

    @property
    def model_keys(self) -> Path:
        """The public keys that this site trusts, each as NAME.pub."""
        return self.root / "model_keys"

    @property
    def acceptances(self) -> Path:
        """A signed file for each acceptance of a release on a machine of this site."""
        return self.root / "acceptances"

    @property
    def labelled_readings(self) -> Path:
        """Journal of the labelled recordings that were read for an acceptance: an interrupted one continues from it."""
        return self.root / "labelled_readings.jsonl"

    @property
    def shadow(self) -> Path:
        """The records of shadow releases."""
        return self.root / "shadow"

    @property
    def disagreements(self) -> Path:
        """Journal of the disagreements between a shadow release and the active one."""
        return self.shadow / "disagreements.jsonl"

    @property
    def pleura_shares(self) -> Path:
        """One folder for each release, with the shares of the pleural line that it measured; they are measured again at any time."""
        return self.root / "pleura_shares"

    @property
    def performance(self) -> Path:
        """The figures of the model over the exams of this site, with their date; they are computed again at any time."""
        return self.root / "performance.json"

    @property
    def drift(self) -> Path:
        """The drift watch of the release in use, with its date; it is computed again at any time."""
        return self.root / "drift.json"

    @property
    def replayed(self) -> Path:
        """The mark of a data folder that `sonoedge feedback replay` made: its exams are recorded clips of a data set."""
        return self.root / "replayed.json"

    @property
    def cards(self) -> Path:
        """The card of each person, with their date; they are computed again at any time."""
        return self.root / "cards.json"

    @property
    def protocols(self) -> Path:
        """The site's own exam protocols."""
        return self.root / "protocols"

    @property
    def reread(self) -> Path:
        """One folder for each pair of releases, with the clips that were read again."""
        return self.root / "reread"

    @property
    def hospital(self) -> Path:
        """The peers of the hospital, as a person wrote them down, in YAML."""
        return self.root / "hospital.yaml"

    @property
    def known_hospital(self) -> Path:
        """The same, as they were when that file was last usable."""
        return self.root / "hospital.known.json"

    @property
    def worklist(self) -> Path:
        """The last worklist of the hospital, for times without a network."""
        return self.root / "worklist.json"

    @property
    def encounters(self) -> Path:
        """Who is in the hospital now, as it stated it last."""
        return self.root / "encounters.json"

    @property
    def export_work(self) -> Path:
        """Objects with the patient's name that are made for a de-identified export; it is gone otherwise."""
        return self.root / "export_work"

    @property
    def spool(self) -> Path:
        """The objects of the one delivery that is on its way to a peer; they are made again at any time."""
        return self.root / "spool"

    @property
    def policy(self) -> Path:
        """The site's own policy for people, in YAML."""
        return self.root / "people.yaml"

    @property
    def pin_hash(self) -> Path:
        """The PIN hash parameters that were measured on this board."""
        return self.root / "pin_hash.json"
