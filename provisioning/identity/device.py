"""The key of a device, made on the device itself; everything that the device states is signed with it."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.disk.durable import make_folder
from edge.disk.keys import KeyUnusable, make_private_key, private_key
from provisioning.codes import ProvisionRefused
from provisioning.identity.device_id import device_id

KEY = "device_key.pem"
"""The file of the private key in the identity folder; only its owner is allowed to read it."""


@dataclass(frozen=True, slots=True)
class Device:
    """A board that has its key."""

    key: Ed25519PrivateKey

    @property
    def id(self) -> str:
        """As it is printed: `XXXX-XXXX-XXXX-C`."""
        return device_id(self.key.public_key())

    @property
    def host(self) -> str:
        """Its name in a local network."""
        return f"{self.id.lower()}.local"


def make_device(folder: Path) -> Device:
    """Makes the key in the identity folder; if there is one, it stays. Once this returns, the key survives a power cut.

    Raises:
        ProvisionRefused: E-IDENTITY, there is a key and it cannot be used.
        OSError: the folder or the disk refuses it; then there is no key.
    """
    make_folder(folder)
    with suppress(FileExistsError):
        make_private_key(folder / KEY)
    return load_device(folder)


def load_device(folder: Path) -> Device:
    """The device that has the key in this identity folder.

    Raises:
        ProvisionRefused: E-NOT-SET-UP, there is no key; E-IDENTITY, it cannot be used.
    """
    path = folder / KEY
    if not path.exists():
        raise ProvisionRefused("E-NOT-SET-UP", f"{folder} holds no key of a device")
    try:
        return Device(private_key(path))
    except KeyUnusable as error:
        raise ProvisionRefused("E-IDENTITY", error.what) from error
