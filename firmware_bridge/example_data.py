"""The folder of real recordings for trials, benchmarks and training. They have licences of their own: they do not come with the program."""

import os
from pathlib import Path

from firmware_bridge.errors import InputRefused

VARIABLE, BESIDE_THE_CHECKOUT = "SONOEDGE_DATA", Path("../shared/data")
MANIFEST = "manifest.csv"
"""The list of the recordings of a data set, in its folder."""
WHAT_IT_IS = (
    f"{VARIABLE} is the folder of real ultrasound recordings, which do not come with SonoEdge: see Real recordings in docs/tester.md"
)


class ExampleDataAbsent(InputRefused):
    """There is no folder of real recordings, or it lacks what is needed."""

    code = "example-data-absent"


def example_data(part: str = "", instead: str = "") -> Path:
    """A folder or file in the folder that SONOEDGE_DATA names; `instead` is what else a person can do.

    Raises:
        ExampleDataAbsent: it does not exist.
    """
    named = os.environ.get(VARIABLE)
    path = Path(named or BESIDE_THE_CHECKOUT) / part
    if path.exists():
        return path
    raise _absent(f"{path} does not exist" if named else f"{VARIABLE} is not set", instead)


def manifest_of(folder: Path, instead: str = "") -> Path:
    """The list of the recordings of a data set, by its folder; `instead` is what else a person can do.

    Raises:
        ExampleDataAbsent: it does not exist.
    """
    path = folder / MANIFEST
    if not path.exists():
        raise _absent(f"{path} does not exist", instead)
    return path


def _absent(what: str, instead: str) -> ExampleDataAbsent:
    return ExampleDataAbsent(f"This needs real recordings, and {what}", f"{WHAT_IT_IS}{f'. {instead}' if instead else ''}")
