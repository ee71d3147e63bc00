"""The metadata files of a publisher's repository, by role and version."""

from datetime import datetime, timedelta
from pathlib import Path

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, T, Timestamp
from tuf.api.serialization.json import JSONSerializer

from edge.disk.durable import replace_file
from provisioning.codes import ProvisionRefused
from provisioning.trust.client import ISSUED

DAYS = {Root.type: 5 * 365}
"""How long signed metadata hold; those of other roles hold OTHER_DAYS: a technician comes at least once a year."""
OTHER_DAYS = 400
JSON = JSONSerializer()


class Shelf:
    """The folder `metadata` of a repository: VERSION.ROLE.json, and timestamp.json.

    Raises, from every method:
        ProvisionRefused: E-RELEASE, a file is absent or cannot be used.
        OSError: the disk refuses it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def newest(self, role: str) -> Path | None:
        """The file with the highest version of a role; None if it has none."""
        if role == Timestamp.type:
            path = self._path(role, 0)
            return path if path.exists() else None
        found = [path for path in self.folder.glob(f"*.{role}.json") if path.name.split(".")[0].isdecimal()]
        return max(found, key=lambda path: int(path.name.split(".")[0]), default=None)

    def load(self, role: str, kind: type[T], version: int | None = None) -> Metadata[T]:
        """The newest metadata of a role, or that of one version."""
        path = self._newest(role) if version is None else self._path(role, version)
        try:
            file = Metadata[T].from_bytes(path.read_bytes())
        except (OSError, RepositoryError) as error:
            raise refused(f"{path} cannot be read ({error})", "Take it from a copy of the repository") from error
        if not isinstance(file.signed, kind):
            raise refused(f"{path} holds {file.signed.type}, not {kind.type}", "Take it from a copy of the repository")
        return file

    def open(self, role: str, file: Metadata[T], now: datetime) -> None:
        """Writes a new or changed version, without signatures, valid from `now`."""
        file.signatures.clear()
        file.signed.expires = now + timedelta(days=DAYS.get(role, OTHER_DAYS))
        file.signed.unrecognized_fields[ISSUED] = int(now.timestamp())
        self.write(role, file)

    def write(self, role: str, file: Metadata[T]) -> None:
        """Writes a version, with its signatures."""
        replace_file(self._path(role, file.signed.version), file.to_bytes(JSON))

    def stated(self, role: str) -> MetaFile:
        """What the snapshot or the timestamp states of the newest version of a role."""
        path = self._newest(role)
        return MetaFile.from_data(int(path.name.split(".")[0]), path.read_bytes(), ["sha256"])

    def _newest(self, role: str) -> Path:
        path = self.newest(role)
        if path is None:
            raise refused(f"{self.folder} has no metadata of {role}", "Make the repository first, or name one of its roles")
        return path

    def _path(self, role: str, version: int) -> Path:
        return self.folder / (f"{role}.json" if role == Timestamp.type else f"{version}.{role}.json")


def refused(what: str, next_step: str) -> ProvisionRefused:
    """A refusal on the publisher's side."""
    return ProvisionRefused("E-RELEASE", what, next_step)
