"""The folder of real recordings for trials and benchmarks. They have licences of their own, so they do not come with the program."""

import os
from pathlib import Path

from firmware_bridge.errors import InputRefused

VARIABLE, BESIDE_THE_CHECKOUT = "SONOEDGE_DATA", Path("../shared/data")


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
    what = f"{path} does not exist" if named else f"{VARIABLE} is not set"
    is_ = f"{VARIABLE} is the folder of real ultrasound recordings, which do not come with SonoEdge: see Real recordings in docs/tester.md"
    raise ExampleDataAbsent(f"This needs real recordings, and {what}", f"{is_}{f'. {instead}' if instead else ''}")
