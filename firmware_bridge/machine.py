"""Machine: the scanner that makes the pictures. A reading holds on the machines where its model was validated.

A name is written `MAKER MODEL / PROBE / PRESET`; unknown parts are left out at the end, and `-` holds the place of one in between:
`Philips Lumify`, `Philips Lumify / S4-1`, `Philips Lumify / - / Lung`.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from typing_extensions import Self

from firmware_bridge.errors import InputRefused

PART_LIMIT = 64
"""The longest part of a name in characters: the limit of DICOM's long strings (LO), in which objects state maker and model (PS3.5 6.2)."""
UNKNOWN_NAME = "unknown machine"
DOUBT = " (images differ)"
"""The end of the name of a machine where the images do not look like it."""
EXAMPLES = "'Philips Lumify' or 'Philips Lumify / S4-1'"
COMPANY_WORDS = frozenset(
    (
        *("medical", "healthcare", "health", "systems", "system", "ultrasound", "imaging", "diagnostics", "technologies", "technology"),
        *("co", "company", "corp", "corporation", "inc", "ltd", "limited", "gmbh", "ag", "llc"),
    )
)
"""Words that one maker is written with and without: "Philips", "Philips Medical Systems" and "Philips Healthcare" make one Lumify."""
_NOT_KNOWN = "-"
_NO_NAMES = {_NOT_KNOWN, "unknown", UNKNOWN_NAME}
_READ_LIMIT = 16 * PART_LIMIT
"""No more than this is read of a part that a device states; its end would be cut anyway."""


class MachineNameInvalid(InputRefused):
    """What a person states as the machine is not a name."""

    code = "machine-name-invalid"


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """`maker` and `model` of the scanner, its `probe` (transducer) and its `preset`; empty where the source does not state them.

    Two are equal if scanner, probe and preset are, whatever their upper and lower case and the `COMPANY_WORDS` in them. `by_person`: a
    person or the site states it, and not the source itself; `doubted`: its images do not look like that machine. It is the same machine
    either way.

    Every part is clean: visible characters with single spaces, at most `PART_LIMIT` of them. Anything else is removed or cut, because a
    device may send anything. What a person states goes through `stated`, which refuses instead.
    """

    maker: str = ""
    model: str = ""
    probe: str = ""
    preset: str = ""
    by_person: bool = False
    doubted: bool = False

    def __post_init__(self) -> None:
        for part in ("maker", "model", "probe", "preset"):
            object.__setattr__(self, part, _clean(getattr(self, part)))

    @property
    def known(self) -> bool:
        return bool(self.scanner or self.probe or self.preset)

    @property
    def scanner(self) -> str:
        """Maker and model. A model that begins with its maker, as many devices state it, does not repeat it."""
        if self.model.casefold().startswith(f"{self.maker} ".casefold()):
            return self.model
        return f"{self.maker} {self.model}".strip()[:PART_LIMIT].strip()

    @property
    def name(self) -> str:
        """The one name for people and for files; `named` reads it back."""
        parts = (self.scanner, self.probe, self.preset)
        filled = max((place for place, part in enumerate(parts, start=1) if part), default=0)
        stated = " / ".join(part or _NOT_KNOWN for part in parts[:filled]) or UNKNOWN_NAME
        return stated + DOUBT if self.doubted else stated

    @classmethod
    def named(cls, name: str) -> Self:
        """The machine that a device, a recording or a file names; its parts are cleaned and cut."""
        stated = name.removesuffix(DOUBT)
        scanner, probe, preset = (*_parts(stated, most=3), "", "")[:3]
        return cls("", scanner, probe, preset, doubted=stated != name)

    @classmethod
    def stated(cls, name: str) -> Self:
        """The machine that a person states.

        Raises:
            MachineNameInvalid: the name is empty or too long, or has a character that nobody can see.
        """
        unseen = next((each for each in name if not each.isprintable() and unicodedata.category(each) != "Zs"), None)
        if unseen is not None:
            raise MachineNameInvalid(f"The name of the machine has the invisible character U+{ord(unseen):04X}", f"Type it: {EXAMPLES}")
        if not name.strip():
            raise MachineNameInvalid("The name of the machine is empty", f"Write it, such as {EXAMPLES}, or leave it out")
        parts = _parts(name)
        longest = max(len(" ".join(part.split())) for part in parts)
        if longest > PART_LIMIT:
            what = f"A part of the name of the machine has {longest} characters, and {PART_LIMIT} are allowed"
            raise MachineNameInvalid(what, f"Shorten it, such as {EXAMPLES}")
        if len(parts) > 3:
            fix = f"Write SCANNER / PROBE / PRESET, such as {EXAMPLES}"
            raise MachineNameInvalid(f"The name of the machine has {len(parts)} parts", fix)
        return replace(cls.named(name), by_person=True)

    def covers(self, other: "Machine") -> bool:
        """Whether what holds on this machine holds on the other: the same scanner, and the same probe and preset where this one names them.

        Upper and lower case and `COMPANY_WORDS` do not matter. Nothing holds on an unknown scanner.
        """
        (scanner, *mine), (other_scanner, *its) = self._key, other._key
        return bool(scanner) and scanner == other_scanner and all(part in {"", its_part} for part, its_part in zip(mine, its, strict=True))

    @property
    def _key(self) -> tuple[str, str, str]:
        return _plain(self.scanner), self.probe.casefold(), self.preset.casefold()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Machine) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=64)  # asked several times a frame
def _plain(scanner: str) -> str:
    """The name without upper case and `COMPANY_WORDS`, unless it has no other words."""
    words = scanner.casefold().replace(",", " ").split()
    return " ".join(word for word in words if word.strip(".") not in COMPANY_WORDS) or scanner.casefold()


def _parts(name: str, most: int = 0) -> list[str]:
    """Scanner, probe and preset as written; a slash without space around it is part of a name."""
    return re.split(r"(?<=\s)/(?=\s)", f" {name} ", maxsplit=max(0, most - 1))


def _clean(text: str) -> str:
    """The text in NFC without format characters, other invisible ones as spaces; "" where it states that nobody knows."""
    shown = "".join(_shown(character) for character in text[:_READ_LIMIT])
    plain = " ".join(unicodedata.normalize("NFC", shown).split())
    cut = re.sub(r" ?/ ?", "/", plain)[:PART_LIMIT].strip(" /")
    return "" if cut.casefold() in _NO_NAMES else cut


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return "" if unicodedata.category(character) == "Cf" else " "


UNKNOWN_MACHINE = Machine()
