"""The errors of a model."""

from collections.abc import Iterator
from contextlib import contextmanager

from edge.disk.bundle import BundleUnusable
from edge.disk.keys import KeyUnusable
from edge.disk.signing import SignatureWrong
from firmware_bridge.errors import Damaged, InputRefused

COPY_AGAIN = "Copy the whole release again"


class ModelUnusable(InputRefused):
    """The model file or a file that belongs to it is unusable."""

    code = "model-unusable"


class OutputNotFinite(Damaged):
    """An output of the network is not a finite number: it states nothing, and must never become a finding."""

    code = "output-not-finite"


@contextmanager
def model_faults() -> Iterator[None]:
    """Reports a fault of a key, a signature or a bundle as a fault of its model.

    Raises:
        ModelUnusable: instead of each of them, with the same text.
    """
    try:
        yield
    except (KeyUnusable, SignatureWrong, BundleUnusable) as fault:
        raise ModelUnusable(fault.what, fault.fix) from fault
