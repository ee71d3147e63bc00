"""What can be wrong with a model."""

from collections.abc import Iterator
from contextlib import contextmanager

from edge.disk.bundle import BundleUnusable
from edge.disk.keys import KeyUnusable
from edge.disk.signing import SignatureWrong
from firmware_bridge.errors import Damaged, InputRefused

COPY_AGAIN = "Copy the whole release again"


class ModelUnusable(InputRefused):
    """The model file or what belongs to it cannot be used."""

    code = "model-unusable"


class OutputNotFinite(Damaged):
    """An output of the network is not a finite number: it states nothing, and must never become a finding."""

    code = "output-not-finite"


@contextmanager
def model_faults() -> Iterator[None]:
    """Reports a fault of a key, a signature or a bundle as one of the model to which it belongs.

    Raises:
        ModelUnusable: in the place of each of them, in the same words.
    """
    try:
        yield
    except (KeyUnusable, SignatureWrong, BundleUnusable) as fault:
        raise ModelUnusable(fault.what, fault.fix) from fault
