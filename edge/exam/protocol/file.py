"""Protocol files of the appliance and of a site, parsed without trusting them."""

from collections.abc import Hashable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from edge.disk.plain_file import read_plain
from edge.disk.structured import LARGEST, Bounds, load_yaml
from edge.exam.protocol.protocol import Protocol, ProtocolInvalid, ProtocolUnknown

SHIPPED = Path(__file__).parent / "protocols"
BOUNDS = Bounds(deepest=12, aliases=False)
"""A protocol needs 6 levels of lists and tables."""

LONGEST = 240
"""Characters of a message about a fault."""

FIXES = {
    "missing": "Add it",
    "extra_forbidden": "Remove it, or correct its spelling; docs/protocols.md lists every field",
}
FIX = "Correct it, and run `sonoedge protocol check` on the file again"


class _Loader(yaml.CBaseLoader):
    """Text, lists and tables only: no text becomes a date or a boolean, and there are no aliases."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise yaml.MarkedYAMLError(problem=f"'{name}' is there twice", problem_mark=node.value[number][0].start_mark)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All usable protocols, and the faults of the files that cannot be used."""

    protocols: tuple[Protocol, ...]
    problems: tuple[ProtocolInvalid, ...]

    def named(self, protocol_id: str) -> Protocol:
        """The protocol with this id.

        Raises:
            ProtocolUnknown: there is none; the error names similar ones, and a file that could not be used.
        """
        for protocol in self.protocols:
            if protocol.id == protocol_id:
                return protocol
        known = [protocol.id for protocol in self.protocols]
        close = get_close_matches(protocol_id, known, n=1)
        fix = f"Did you mean {close[0]}" if close else f"Known protocols: {', '.join(known)}"
        unused = f", and a file could not be used: {self.problems[0]}" if self.problems else ""
        raise ProtocolUnknown(f"No protocol '{protocol_id}'", fix + unused.removesuffix("."))


def load_catalogue(site: Path | None = None) -> Catalogue:
    """The shipped protocols, then those of the folder `site`. A file that cannot be used does not affect the others."""
    protocols = {protocol.id: protocol for protocol in shipped()}
    problems = []
    for path in sorted(site.glob("*.yaml")) if site else ():
        try:
            protocol = load_protocol(path)
        except ProtocolInvalid as error:
            problems.append(error)
            continue
        if protocol.id in protocols:
            problems.append(ProtocolInvalid(f"{path}: id: another protocol has the id '{protocol.id}'", "Give this protocol another id"))
        else:
            protocols[protocol.id] = protocol
    return Catalogue(tuple(protocols.values()), tuple(problems))


@lru_cache(maxsize=1)
def shipped() -> tuple[Protocol, ...]:
    """The protocols of the appliance."""
    return tuple(sorted(map(load_protocol, SHIPPED.glob("*.yaml")), key=lambda protocol: len(protocol.zones)))


def load_protocol(path: Path) -> Protocol:
    """Reads one file.

    Raises:
        ProtocolInvalid: it cannot be read or used; the error names the zone and field, and the next step.
    """
    try:
        content = read_plain(path, LARGEST, links=True)
    except OSError as error:
        raise ProtocolInvalid(f"{path} cannot be read ({error.strerror})", "Check the path, and that this user may read it") from error
    return parse_protocol(content, str(path))


def parse_protocol(content: bytes, place: str) -> Protocol:
    """The protocol in the bytes of a file; `place` names the file in errors.

    Raises:
        ProtocolInvalid: they are not a protocol.
    """
    if len(content) > LARGEST:
        raise ProtocolInvalid(f"{place} has more than {LARGEST} bytes, which no protocol needs", "Name a protocol file")
    try:
        stated = load_yaml(content, _Loader, BOUNDS)
    except (yaml.YAMLError, ValueError) as error:
        raise ProtocolInvalid(f"{place} is not YAML: {_one_line(_yaml_fault(error))}", FIX) from error
    if not isinstance(stated, dict):
        raise ProtocolInvalid(
            f"{place} is not a protocol: it has no fields", "Begin with a copy of what `sonoedge protocol show --yaml` prints"
        )
    try:
        return Protocol.model_validate(stated)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        fault = min(faults, key=lambda each: each["type"] != "extra_forbidden")
        raise ProtocolInvalid(f"{place}: {_one_line(_place_of(fault, stated) + _fault(fault))}", FIXES.get(fault["type"], FIX)) from error


def _yaml_fault(error: yaml.YAMLError | ValueError) -> str:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or " ".join(str(error).split())
    return f"line {mark.line + 1}: {what}" if mark else what


def _place_of(fault: ErrorDetails, stated: object) -> str:
    """`zone L2: draw.x: `, with the number of a zone that has no id."""
    loc = list(fault["loc"])
    words = []
    if len(loc) > 1 and loc[0] == "zones" and isinstance(loc[1], int):
        words.append(f"zone {_zone_name(stated, loc[1])}")
        loc = loc[2:]
    if loc:
        words.append(".".join(str(part) for part in loc if part != "[key]"))
    return "".join(f"{word}: " for word in words)


def _zone_name(stated: object, number: int) -> str:
    zones = stated.get("zones") if isinstance(stated, dict) else None
    zone = zones[number] if isinstance(zones, list) else None
    zone_id = zone.get("id") if isinstance(zone, dict) else None
    return zone_id if isinstance(zone_id, str) and zone_id else f"number {number + 1}"


def _fault(fault: ErrorDetails) -> str:
    match fault["type"]:
        case "missing":
            return "this is missing"
        case "extra_forbidden":
            return "no such field"
        case "value_error":
            return fault["msg"].removeprefix("Value error, ")
        case _:
            entered = repr(fault["input"])
            return f"{entered if len(entered) <= 60 else entered[:57] + '...'}, {fault['msg'][0].lower()}{fault['msg'][1:]}"


def _one_line(text: str) -> str:
    """Text of a file is shown without control characters, and cut to a maximum length."""
    plain = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 3] + "..."
