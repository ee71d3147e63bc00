"""Names the attack: from what tuf refuses to the code of provisioning.

tuf has one error for several attacks, so the file that was read last decides: a genuine one in another's place is a mix, one with a
signature that does not hold was tampered with, one with too few lacks keys.
"""

from dataclasses import dataclass
from datetime import timedelta

from securesystemslib.signer import Signature
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import TOP_LEVEL_ROLE_NAMES, Metadata, Root, Snapshot, Targets, Timestamp

from provisioning.codes import ProvisionRefused
from provisioning.trust.client import Client
from provisioning.trust.source import Source

REFUSALS = (RepositoryError, DownloadError, ValueError, TypeError)
"""What tuf raises for bytes that it does not believe; the last two for signed metadata that state no sense, such as a number as a name."""
FAR_AHEAD = timedelta(days=3653)
"""A clock this far beyond the latest signed time is wrong rather than the stick old."""


def refusal(error: Exception, client: Client, source: Source, latest_signed: float) -> ProvisionRefused:
    """The refusal that names the attack. `latest_signed` is the device's floor of time, in seconds of UTC."""
    role, content = client.reading
    if isinstance(error, ExpiredMetadataError):
        return _expired(role, client, latest_signed)
    cause, fact = _cause(error, role, _read(content), client, source)
    return ProvisionRefused(cause, f"{role}.json on {source.name} {fact} ({error})")


def _cause(error: Exception, role: str, file: "_File | None", client: Client, source: Source) -> tuple[str, str]:
    if isinstance(error, DownloadLengthMismatchError):
        return "E-ENDLESS", "is longer than signed, or than any such file is"
    if isinstance(error, DownloadError):
        return source.cause, "cannot be read"
    if isinstance(error, BadVersionNumberError):
        return "E-ROLLBACK" if _older(role, file, client) else "E-MIX", "has the wrong version"
    unsigned = isinstance(error, UnsignedMetadataError)
    if file is not None and isinstance(error, RepositoryError) and _genuine(file, client, but=role if unsigned else ""):
        return "E-MIX", "is genuine, but another file belongs there"
    if file is not None and unsigned and not _forged(role, file, client):
        return "E-KEYS", "lacks signatures"
    return "E-TAMPER", "is damaged, or was changed after it was signed"


def _expired(role: str, client: Client, latest_signed: float) -> ProvisionRefused:
    """The role that is meant is the first that has expired: tuf tests one only when it reads the next."""
    above = (Root.type, Timestamp.type, Snapshot.type)
    name = next((each for each in above if (signed := client.trusted(each)) and signed.is_expired(client.now)), role)
    today = f"{client.now:%Y-%m-%d}"
    if client.now.timestamp() - latest_signed > FAR_AHEAD.total_seconds():
        return ProvisionRefused("E-CLOCK", f"{name}.json has expired by the clock, but {today} is far ahead of all that was signed")
    cause = "E-FREEZE" if name in (Timestamp.type, Snapshot.type) else "E-EXPIRED"
    return ProvisionRefused(cause, f"{name}.json has expired: it is {today}")


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    version: int
    payload: bytes
    signatures: dict[str, Signature]


def _read(content: bytes | None) -> _File | None:
    try:
        file = Metadata[Targets].from_bytes(content or b"")
        return _File(file.signed.type, file.signed.version, file.signed_bytes, file.signatures)
    except RepositoryError:
        return None


def _older(role: str, file: _File | None, client: Client) -> bool:
    """Whether a file with a wrong version is older than what the device has: a rollback. Otherwise it does not fit the other files."""
    if role == Snapshot.type:  # the timestamp names this very version: an older one is listed in it
        timestamp = client.trusted(Timestamp.type)
        return file is not None and isinstance(timestamp, Timestamp) and timestamp.snapshot_meta.version == file.version
    return role == Timestamp.type or (role == Root.type and file is not None and file.version <= client.root.version)


def _genuine(file: _File, client: Client, but: str) -> bool:
    """Whether enough keys signed it for any role that may have such a file, except the role `but`."""
    able = [(signer, role) for signer, role in _signers(client) if role != but and _kind(role) == file.kind]
    return any(signer.get_verification_result(role, file.payload, file.signatures) for signer, role in able)


def _forged(role: str, file: _File, client: Client) -> bool:
    """Whether it has a signature of a key of the role that does not hold: then it was changed, otherwise it lacks signatures."""
    results = (signer.get_verification_result(role, file.payload, file.signatures) for signer, each in _signers(client) if each == role)
    return any(not result.unsigned.keys().isdisjoint(file.signatures) for result in results)


def _signers(client: Client) -> list[tuple[Root | Targets, str]]:
    """Each role that the device knows keys of, after the metadata that state them."""
    signers: list[tuple[Root | Targets, str]] = [(client.root, role) for role in TOP_LEVEL_ROLE_NAMES]
    targets = client.trusted(Targets.type)
    if isinstance(targets, Targets) and targets.delegations is not None:
        signers += [(targets, role) for role in targets.delegations.roles or {}]
    return signers


def _kind(role: str) -> str:
    return role if role in TOP_LEVEL_ROLE_NAMES else Targets.type
