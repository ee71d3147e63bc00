"""Which of two systems a board starts: A or B. One table of commands for each boot loader, and one class that runs them.

An update is written to the system that does not run. `set_try` starts it once or a few times; if it does not come up, the board falls back
to the other one by itself. `mark_good` keeps it. RAUC (rauc/) writes the systems, and sets the same marks of the same boot loaders.
"""

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from edge.disk.durable import replace_file
from provisioning.codes import ProvisionRefused

Slot = Literal["A", "B"]
OTHER: dict[Slot, Slot] = {"A": "B", "B": "A"}
SLOTS: dict[str, Slot] = {"A": "A", "B": "B", "0": "A", "1": "B"}
"""A slot by every name that a boot loader prints for it."""

Run = Callable[[Sequence[str], str], str]
"""Runs a command with a text on its standard input, and returns what it printed. Raises ProvisionRefused where it fails."""

COMMAND_LIMIT_S = 30


class BootControl(Protocol):
    """The boot loader. Every method raises ProvisionRefused (E-BOOT) if it cannot be read or set."""

    def current(self) -> Slot:
        """The slot that runs."""

    def set_try(self, slot: Slot) -> None:
        """Starts `slot` next, and falls back to the other one unless `mark_good` follows."""

    def mark_good(self) -> None:
        """From now on starts the slot that runs."""

    def mark_bad(self, slot: Slot) -> None:
        """Does not start `slot` again."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program and the text on its standard input. `{0}` stands for the slot, `{1}` for the other one, each by the loader's own name."""

    words: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """The new content of a file, with the same two places as a command."""

    path: str
    text: str


Steps = tuple[Command | File, ...]


@dataclass(frozen=True, slots=True)
class Loader:
    """One boot loader: its own names for A and B, its steps, and how to find the slot that runs in what `current` prints."""

    names: tuple[str, str]
    try_: Steps
    good: Steps
    bad: Steps
    current: Command = Command(("cat", "/proc/cmdline"))
    running: str = r"\brauc\.slot=([AB])\b"


def _environment(order: str, starts: int) -> Steps:
    """Sets all variables of U-Boot at once: it counts the starts that are left to a slot."""
    return (Command(("fw_setenv", "--script", "-"), f"BOOT_ORDER {order}\nBOOT_{{0}}_LEFT {starts}\n"),)


def _autoboot(always: str, once: str) -> File:
    """The first partition of a Raspberry Pi names the partition of each slot; `once` holds for a start with the flag of tryboot."""
    text = f"[all]\ntryboot_a_b=1\nboot_partition={always}\n[tryboot]\nboot_partition={once}\n"
    return File("/boot/firmware/autoboot.txt", text)


LOADERS = {
    "u-boot": Loader(("A", "B"), _environment("{0} {1}", 3), _environment("{0} {1}", 3), _environment("{1} {0}", 0)),
    "raspberry-pi": Loader(
        names=("2", "3"),
        # The firmware clears the flag before the start, so the start after it takes [all] again.
        try_=(_autoboot("{1}", "{0}"), Command(("vcmailbox", "0x00038064", "4", "0", "1"))),
        good=(_autoboot("{0}", "{1}"),),
        bad=(_autoboot("{1}", "{0}"),),
    ),
    "jetson": Loader(  # JetPack 6 and 7: the firmware counts the starts, `verify` ends the count
        names=("0", "1"),
        try_=(Command(("nvbootctrl", "set-active-boot-slot", "{0}")),),
        good=(Command(("nvbootctrl", "verify")),),
        bad=(Command(("nvbootctrl", "set-active-boot-slot", "{1}")),),
        current=Command(("nvbootctrl", "get-current-slot")),
        running=r"^([01])\s*$",
    ),
    "systemd-boot": Loader(
        names=("a.conf", "b.conf"),
        try_=(Command(("bootctl", "set-oneshot", "{0}")),),
        good=(Command(("bootctl", "set-default", "{0}")),),
        bad=(Command(("bootctl", "set-default", "{1}")),),
    ),
}


class LoaderBoot:
    """`BootControl` through one of `LOADERS`. Its files lie under `root`."""

    def __init__(self, loader: Loader, run: Run, root: Path = Path("/")) -> None:
        self._loader, self._run, self._root = loader, run, root

    def current(self) -> Slot:
        printed = self._run(self._loader.current.words, "")
        found = re.search(self._loader.running, printed)
        if found is None:
            raise ProvisionRefused("E-BOOT", f"{' '.join(self._loader.current.words)} names no slot that runs: {printed.strip()[:200]}")
        return SLOTS[found.group(1)]

    def set_try(self, slot: Slot) -> None:
        self._take(self._loader.try_, slot)

    def mark_good(self) -> None:
        self._take(self._loader.good, self.current())

    def mark_bad(self, slot: Slot) -> None:
        self._take(self._loader.bad, slot)

    def _take(self, steps: Steps, slot: Slot) -> None:
        names = dict(zip(OTHER, self._loader.names, strict=True))
        pair = names[slot], names[OTHER[slot]]
        for step in steps:
            text = step.text.format(*pair)
            if isinstance(step, Command):
                self._run([word.format(*pair) for word in step.words], text)
            else:
                self._replace(step.path, text)

    def _replace(self, path: str, text: str) -> None:
        try:
            replace_file(self._root / path.lstrip("/"), text.encode())
        except OSError as error:
            raise ProvisionRefused("E-BOOT", f"{path} cannot be written: {error.strerror}") from error


def run_command(words: Sequence[str], text: str) -> str:
    """The `Run` of a board.

    Raises:
        ProvisionRefused: E-BOOT, the command is missing or failed.
    """
    try:
        return subprocess.run(words, input=text, capture_output=True, text=True, check=True, timeout=COMMAND_LIMIT_S).stdout
    except subprocess.CalledProcessError as error:
        raise ProvisionRefused("E-BOOT", f"{' '.join(words)} failed: {(error.stderr or error.stdout).strip()[-200:]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProvisionRefused("E-BOOT", f"{' '.join(words)} cannot be run: {error}") from error
