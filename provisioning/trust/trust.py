"""Trust: which files of a source the device believes, by its own root, its floors and its time.

One refresh reads the source into a stage, lets tuf verify it there, compares it with the floors and commits it as one generation. The
caller stores the floors before it uses anything:

    trust = Trust(folder, bootstrap, floors, now)
    try:
        verified = trust.refresh(stick(mounted))
    finally:
        store(trust.floors)
    verified.fetch(verified.targets[0], slot / "app.tar")
"""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import Metadata, Root

from edge.disk.durable import replacing
from provisioning.codes import ProvisionRefused
from provisioning.trust.client import BOARD, FOLDERS, SITE, Client, Target
from provisioning.trust.floors import Floors
from provisioning.trust.generations import Generations
from provisioning.trust.refusals import REFUSALS, refusal
from provisioning.trust.source import Source

Look = Callable[[Client], tuple[Target, ...]]
"""Which files a refresh reads the metadata of."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a source holds, verified. `floors` are to be stored before anything of it is used."""

    source: Source
    floors: Floors
    targets: tuple[Target, ...]

    def for_board(self, board: str) -> tuple[Target, ...]:
        """The files for one board; none where the source has files for no board at all.

        Raises:
            ProvisionRefused: E-WRONG-HW, it has files for other boards only.
        """
        return self._for(BOARD, board, "E-WRONG-HW")

    def for_site(self, site: str) -> tuple[Target, ...]:
        """The files for one site; none where the source has files for no site at all.

        Raises:
            ProvisionRefused: E-WRONG-SITE, it has files for other sites only.
        """
        return self._for(SITE, site, "E-WRONG-SITE")

    def _for(self, kind: str, name: str, cause: str) -> tuple[Target, ...]:
        found = [target for target in self.targets if target.name.startswith(f"{FOLDERS[kind]}/")]
        mine = tuple(target for target in found if target.name.startswith(f"{FOLDERS[kind]}/{name}/"))
        if found and not mine:
            others = ", ".join(sorted({target.name.split("/")[1] for target in found}))
            raise ProvisionRefused(cause, f"{self.source.name} has files for {others}, and none for {name}")
        return mine

    def fetch(self, target: Target, destination: Path) -> None:
        """Copies one file; it is read once, hashed while it is copied, and survives a power cut once this returns.

        Raises:
            ProvisionRefused: E-TAMPER or E-ENDLESS, it is not the signed file; E-NO-SPACE; or the source fails.
                Then `destination` stays as it was.
            OSError: the disk of `destination` refuses it.
        """
        digest, length = sha256(), 0
        try:
            with replacing(destination) as file:
                for chunk in self.source.fetcher.fetch(f"{self.source.targets.rstrip('/')}/{target.file}"):
                    length += len(chunk)
                    if length > target.length:
                        raise ProvisionRefused("E-ENDLESS", f"{target.name} on {self.source.name} has more than {target.length} bytes")
                    digest.update(chunk)
                    file.write(chunk)
                if (length, digest.hexdigest()) != (target.length, target.sha256):
                    raise ProvisionRefused("E-TAMPER", f"{target.name} on {self.source.name} is not the file that was signed")
        except DownloadError as error:
            raise ProvisionRefused(self.source.cause, f"{target.name} on {self.source.name} cannot be read ({error})") from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise ProvisionRefused("E-NO-SPACE", f"{target.name} does not fit on the disk of {destination}") from error
            raise


def require_root(content: bytes, where: str) -> None:
    """Raises ProvisionRefused: E-KEYS, the content is no root that its own keys signed."""
    try:
        root = Metadata[Root].from_bytes(content)
        root.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
    except (RepositoryError, ValueError, AttributeError) as error:
        raise ProvisionRefused("E-KEYS", f"{where} is no root of a publisher ({error})", "Name the root.json of the publisher") from error


class Trust:
    """A device's trust. `folder` holds its accepted metadata, `bootstrap` is the root that its image came with, `now` is its clock."""

    def __init__(self, folder: Path, bootstrap: bytes, floors: Floors, now: datetime) -> None:
        self.floors = floors
        self._bootstrap, self._now = bootstrap, now
        self._generations = Generations(folder)

    @property
    def committed(self) -> Path | None:
        """The folder with the accepted metadata; None before the first."""
        return self._generations.current

    def refresh(self, source: Source, look: Look = Client.every_target) -> Verified:
        """Verifies a source. Time is the clock's, but not before the latest signed time.

        What was accepted before a fault stays accepted, above all a new root: its keys replace stolen ones.

        Raises:
            ProvisionRefused: the source is refused; the code names the attack. `floors` of this object may have risen all the same.
            OSError: the device's own disk refuses to write.
        """
        with self._generations.stage() as stage:
            client = self._client(stage, source)
            try:
                client.refresh()
                targets = look(client)
            except ProvisionRefused:
                self._keep(client)
                raise
            except REFUSALS as error:
                self._keep(client)
                raise refusal(error, client, source, self.floors.time) from error
            seen = client.seen()
            if (fault := self.floors.below(seen)) is not None:
                old, floor = fault
                raise ProvisionRefused("E-ROLLBACK", f"{old.role}.json on {source.name} is version {old.version}; the device had {floor}")
            self._generations.commit()
            self.floors = self.floors.raised(seen, client.issued())
        return Verified(source, self.floors, targets)

    def _client(self, stage: Path, source: Source) -> Client:
        try:
            client = Client(stage, source, self._bootstrap)
        except RepositoryError as error:
            raise ProvisionRefused("E-NOT-SET-UP", f"the root that this device came with cannot be used ({error})") from error
        self.floors = self.floors.raised((), client.issued())
        client.now = max(self._now, datetime.fromtimestamp(self.floors.time, timezone.utc))
        return client

    def _keep(self, client: Client) -> None:
        """Of a refused source, what tuf accepted before it met the fault, unless it is below a floor. Only the floor of the root rises."""
        seen = client.seen()
        if self.floors.below(seen) is None:
            self._generations.commit()
            self.floors = self.floors.raised(each for each in seen if each.role == Root.type)
