"""The key with which this board signs what leaves it, and the id that its label shows."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.disk.keys import from_pem
from edge.disk.layout import DataFolder
from edge.exchange.stick.signed import KeySigner, Signer
from edge.records.audit.seal import Seal
from provisioning.codes import ProvisionRefused
from provisioning.identity.device import load_device
from provisioning.identity.device_id import device_id


def board_signer(data: DataFolder) -> Signer:
    """The identity of the board; where it was never set up as one, the key of the audit trail.

    Raises:
        ProvisionRefused: E-IDENTITY, the board has a key that cannot be used.
        RecordsUnusable: the key of the audit trail cannot be used.
    """
    try:
        return KeySigner(load_device(data.identity).key)
    except ProvisionRefused as refused:
        if refused.cause != "E-NOT-SET-UP":
            raise
        return Seal.of(data.root)


def board_id(key: Ed25519PublicKey) -> str:
    """The id of a board as its label shows it; of any other appliance, the same of its audit key."""
    return device_id(key)


def id_of_signer(signer: Signer) -> str:
    """The id of the board that signs."""
    key = from_pem(signer.public)
    assert key is not None
    return board_id(key)
