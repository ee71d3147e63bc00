"""What a device shows to browsers in the local network: a leaf that it renews itself, under an authority that is its own.

The person who installs the authority on a tablet compares its fingerprint with the label; leaves change, the authority stays.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edge.disk.durable import make_folder
from provisioning.codes import ProvisionRefused
from provisioning.identity.certificate import Certified, names_of, new_authority, new_leaf
from provisioning.identity.device import Device

AUTHORITY, LEAF = "authority.pem", "leaf.pem"
"""Each holds a private key and its certificate."""
RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Https:
    """`chain` is the file for `ssl.SSLContext.load_cert_chain`."""

    authority: Certified
    leaf: Certified
    chain: Path


def own_names(device: Device) -> tuple[str, ...]:
    """Names and addresses for which clients accept the device."""
    return (device.host, "localhost", "127.0.0.1")


def make_authority(folder: Path, device: Device) -> Certified:
    """Makes the authority in the identity folder; if there is one, it stays. Once this returns, it survives a power cut.

    Raises:
        ProvisionRefused: E-IDENTITY, there is one and it cannot be used.
        OSError: the folder or the disk refuses it; then there is none.
    """
    path = folder / AUTHORITY
    try:
        return Certified.load(path)
    except FileNotFoundError:
        make_folder(folder)
        made = new_authority(f"SonoEdge {device.id}", device.host)
        made.store(path)
        return made
    except (OSError, ValueError) as error:
        next_step = f"Remove {path} and run this again; each tablet has to trust the new one"
        raise ProvisionRefused("E-IDENTITY", f"{path} cannot be used as a certificate ({error})", next_step) from error


def make_https(folder: Path, device: Device, now: datetime, names: tuple[str, ...] = ()) -> Https:
    """The certificates of the device; a leaf is renewed when it ends soon, is not valid yet, has other names or another authority.

    `now` has a time zone; `names` are names below `device.host` that the site adds.

    Raises:
        ProvisionRefused, OSError: as `make_authority`.
    """
    authority, path = make_authority(folder, device), folder / LEAF
    wanted = (*own_names(device), *names)
    leaf = _usable_leaf(path, authority, frozenset(wanted), now)
    if leaf is None:
        leaf = new_leaf(authority, wanted, now)
        leaf.store(path)
    return Https(authority, leaf, path)


def _usable_leaf(path: Path, authority: Certified, names: frozenset[str], now: datetime) -> Certified | None:
    try:
        leaf = Certified.load(path)
        leaf.certificate.verify_directly_issued_by(authority.certificate)
    except Exception:  # whatever is wrong with it, a new one is made
        return None
    ends, begins = leaf.certificate.not_valid_after_utc, leaf.certificate.not_valid_before_utc
    usable = begins <= now < ends - RENEW_BEFORE and names_of(leaf.certificate) == names
    return leaf if usable else None
