"""The label of a device: its id as a QR code and as text, with the fingerprint that a tablet has to show."""

from pathlib import Path

from edge.notice import NOTICE
from provisioning.identity.typeset import Form, typeset

TEMPLATE = Path(__file__).with_name("label.typ")
PREFIX = "SONOEDGE"


def label_text(device: str, fingerprint: str) -> str:
    """The text of the QR code, in characters of its alphanumeric mode: `SONOEDGE:ID:FINGERPRINT`, the last in hexadecimal."""
    return f"{PREFIX}:{device}:{fingerprint.replace(':', '')}"


def label(device: str, fingerprint: str, form: Form) -> bytes:
    """A label of 50 mm in width; as a PNG it has 300 dpi. `fingerprint` is the one of the authority (`Certified.fingerprint`)."""
    return typeset(
        TEMPLATE, form, {"device": device, "fingerprint": fingerprint.replace(":", " "), "notice": NOTICE}, label_text(device, fingerprint)
    )
