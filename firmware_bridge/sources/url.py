"""A URL names a source. A table maps each scheme to the module that opens it; that module is loaded only when it is needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import cast
from urllib.parse import parse_qsl, unquote, urlsplit

from firmware_bridge.errors import SourceUnknown
from firmware_bridge.machine import Machine, MachineNameInvalid
from firmware_bridge.sources.base import Source
from firmware_bridge.sources.stated import stated

OPENERS: Mapping[str, str] = {
    "clarius-raw": "firmware_bridge.sources.clarius:open_clarius",
    "file": "firmware_bridge.sources.file:open_file_url",
    "igtl": "firmware_bridge.sources.igtl:open_igtl",
    "p0rk": "firmware_bridge.sources.p0rk:open_p0rk",
    "serial": "firmware_bridge.sources.serial:open_serial",
    "un0rick": "firmware_bridge.sources.un0rick:open_un0rick_url",
    "v4l2": "firmware_bridge.sources.v4l2:open_v4l2",
    "virtual": "firmware_bridge.sources.virtual:open_virtual",
}
"""Scheme -> module:function; the function takes a `SourceUrl` and returns an open `Source`."""

EXAMPLES = "serial:///dev/ttyACM0, file:///clips/lung.mp4 or virtual://"

FLAGS: Mapping[str, bool] = {"1": True, "true": True, "yes": True, "": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class SourceUrl:
    """A parsed source URL: `serial:///dev/ttyACM0?baud=115200` has the path `/dev/ttyACM0`; percent escapes are resolved.

    `machine` is what `?machine=NAME` states, an option of every kind of source that is not among `options`.
    """

    scheme: str
    path: str
    host: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    machine: Machine | None = None

    def allow(self, *known: str) -> None:
        """Refuses options that the opener does not know.

        Raises:
            SourceUnknown: there is an unknown option; the message names the known ones.
        """
        for name in self.options:
            if name not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise SourceUnknown(f"'{self.text}': {self.scheme}:// has no option '{name}'", f"Known options: {listed}")

    def flag(self, name: str) -> bool:
        """True for `?name=1`; false without the option.

        Raises:
            SourceUnknown: the value is neither yes nor no.
        """
        value = self.options.get(name, "0").lower()
        if value not in FLAGS:
            raise SourceUnknown(f"'{self.text}': {name}={value} is neither yes nor no", f"Write {name}=1 or {name}=0")
        return FLAGS[value]

    def number(self, name: str, default: float) -> float:
        """The number in the option, or `default` without the option.

        Raises:
            SourceUnknown: the value is not a number.
        """
        value = self.options.get(name)
        try:
            return default if value is None else float(value)
        except ValueError as error:
            raise SourceUnknown(f"'{self.text}': {name}={value} is not a number", f"Write for example {name}={default:g}") from error


def parse_url(url: str) -> SourceUrl:
    """Splits a source URL.

    Raises:
        SourceUnknown: it is not a URL, its scheme is not one of `OPENERS`, or its machine is not a name.
    """
    try:
        parts = urlsplit(url, allow_fragments=False)
    except ValueError as error:
        raise SourceUnknown(f"'{url}' is not a source URL ({error})", f"Write for example {EXAMPLES}") from error
    if not parts.scheme:
        fix = f"For a recording write {Path(url).absolute().as_uri()}" if url else f"Write for example {EXAMPLES}"
        raise SourceUnknown(f"'{url}' has no scheme such as serial://, file:// or virtual://", fix)
    if parts.scheme not in OPENERS:
        raise SourceUnknown(f"'{url}': there is no kind of source '{parts.scheme}'", f"Write for example {EXAMPLES}")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    machine = _machine(options.pop("machine", None))
    return SourceUrl(parts.scheme, unquote(parts.path), unquote(parts.netloc), options, url, machine)


def _machine(name: str | None) -> Machine | None:
    try:
        return None if name is None else Machine.stated(name)
    except MachineNameInvalid as error:
        raise SourceUnknown(f"machine= in the URL of the source: {error.what}", error.fix) from error


def open_source(url: str, machine: Machine | None = None) -> Source:
    """Opens the source that a URL names.

    `machine` is what the site states for every source. What the URL states wins, because it is about this source alone; both win over what
    the source itself states.

    Raises:
        SourceUnknown: no such scheme or option.
        BridgeError: the source cannot be opened: absent, busy, denied, unreadable.
    """
    parsed = parse_url(url)
    module, function = OPENERS[parsed.scheme].split(":")
    opener = cast("Callable[[SourceUrl], Source]", getattr(import_module(module), function))
    return stated(opener(parsed), parsed.machine or machine)
