"""The systems that the appliance is installed on, as data in `boards.toml`, and which wheels run on them.

`python -m provisioning.boards debian-12-arm64` prints the options with which `pip download` fetches its packages on any machine.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from edge.disk.plain_file import read_plain
from edge.disk.structured import LARGEST, load_toml
from firmware_bridge.errors import REFUSED, NotFound, SonoEdgeError

FILE = Path(__file__).with_name("boards.toml")
Architecture = Literal["amd64", "arm64"]
MACHINES: dict[Architecture, str] = {"amd64": "x86_64", "arm64": "aarch64"}
"""The names of an architecture: Debian's, and that of wheels and of `uname -m`."""

OLDEST_GLIBC = 5
LEGACY = {5: "manylinux1", 12: "manylinux2010", 17: "manylinux2014"}
"""The second name of a wheel tag for an old glibc 2.x (PEP 600)."""


class Board(BaseModel):
    """One system: its Python and glibc as "major.minor", its lock file in `requirements/`, and what a reading can run on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    architectures: tuple[Architecture, ...]
    python: str
    glibc: str
    lock: str
    accelerators: tuple[Literal["coral-usb"], ...]
    notes: str

    def wheel_tags(self, architecture: Architecture) -> Iterator[str]:
        """The platform tags of the wheels that run here, the newest first."""
        for minor in range(int(self.glibc.partition(".")[2]), OLDEST_GLIBC - 1, -1):
            yield f"manylinux_2_{minor}_{MACHINES[architecture]}"
            if minor in LEGACY:
                yield f"{LEGACY[minor]}_{MACHINES[architecture]}"

    def pip_options(self, architecture: Architecture) -> tuple[str, ...]:
        """Options of `pip download`, in the folder of the checkout."""
        platforms = (f"--platform={tag}" for tag in self.wheel_tags(architecture))
        return (f"--requirement=requirements/{self.lock}", f"--python-version={self.python}", "--implementation=cp", *platforms)


class BoardUnknown(NotFound):
    """No profile has this name, or the system does not run on this architecture."""

    code = "board-unknown"


def boards() -> dict[str, Board]:
    """All profiles by name.

    Raises:
        ValueError: `boards.toml` is not valid.
    """
    return TypeAdapter(dict[str, Board]).validate_python(load_toml(read_plain(FILE, LARGEST)))


def find(name: str) -> tuple[Board, Architecture]:
    """The profile of a name such as `debian-12-arm64`.

    Raises:
        BoardUnknown: there is none.
    """
    choices = {
        f"{board}-{architecture}": (profile, architecture) for board, profile in boards().items() for architecture in profile.architectures
    }
    if name not in choices:
        raise BoardUnknown(f"No board has the name {name}", f"Use one of {', '.join(choices)}")
    return choices[name]


def main(arguments: list[str]) -> int:
    """Returns the exit status."""
    try:
        board, architecture = find(" ".join(arguments))
    except SonoEdgeError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return REFUSED
    print(*board.pip_options(architecture))  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
