"""The virtual probe as a source: starts it in a separate process and opens its port like that of hardware.

`virtual://chest?b_lines=3&fps=30&size=350&seed=1`, `virtual://?dead=3,40-41&air=1` or `virtual:///clips/lung.mp4?fps=25&once=1`.
"""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from firmware_bridge.child import python
from firmware_bridge.errors import BridgeError, SourceUnknown, SourceUnreadable
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.sources.base import Closing, SourceInfo, SourceLoss
from firmware_bridge.sources.serial import SerialSource, open_port
from firmware_bridge.sources.url import SourceUrl
from firmware_bridge.virtual_probe.options import OPTIONS

END_S = 5.0
FILE_FLAGS = ("once", "lift")
FILE_OPTIONS = ("fps", *FILE_FLAGS)


def open_virtual(url: SourceUrl) -> "VirtualSource":
    """Starts a virtual probe and opens it.

    Raises:
        SourceUnknown: an unknown option.
        SourceAbsent, SourceUnreadable: the recording cannot be played.
    """
    return VirtualSource(arguments(url), url.text)


def arguments(url: SourceUrl) -> list[str]:
    """The command line of the virtual probe that a URL describes.

    Raises:
        SourceUnknown: an option is unknown, or its value is not valid.
    """
    replay = url.path not in ("", "/")
    if not replay and url.host not in ("", "chest"):
        raise SourceUnknown(
            f"'{url.text}': there is no simulation '{url.host}'", "Write virtual://chest, or virtual:///path/to/a/recording"
        )
    url.allow(*(FILE_OPTIONS if replay else OPTIONS))
    args = [_argument(url, name) for name in url.options if name not in FILE_FLAGS]
    if replay:
        args += ["--input", url.path, *(f"--{name}" for name in FILE_FLAGS if url.flag(name))]
    return args


def _argument(url: SourceUrl, name: str) -> str:
    text, option = url.options[name], OPTIONS[name]
    try:
        option.read(text)
    except ValueError as error:
        raise SourceUnknown(f"'{url.text}': {name}: {error}", f"{name} is {option.help}") from None
    return f"--{name.replace('_', '-')}={text}"


class VirtualSource(Closing):
    """A SerialSource that starts its probe and ends it."""

    def __init__(self, arguments: list[str], url: str) -> None:
        command = python("-m", "firmware_bridge.virtual_probe", "--with-parent", *arguments)
        self._probe = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            self._link = SerialSource(open_port(self._port()), url)
        except BaseException:
            self._end()
            raise

    def _port(self) -> str:
        assert self._probe.stdout is not None
        assert self._probe.stderr is not None
        line = self._probe.stdout.readline().strip()
        if not line:
            errors = self._probe.stderr.read().strip().splitlines()
            what, _, fix = (errors[-1] if errors else "it printed no error").rstrip(".").rpartition(". ")
            raise SourceUnreadable(f"the virtual probe did not start: {what or fix}", fix if what else "Try another recording")
        return line

    @property
    def pid(self) -> int:
        """The probe's process."""
        return self._probe.pid

    @property
    def info(self) -> SourceInfo:
        return self._link.info

    @property
    def losses(self) -> tuple[SourceLoss, ...]:
        return self._link.losses

    @property
    def notice(self) -> BridgeError | None:
        return self._link.notice

    def frames(self) -> Iterator[Frame]:
        return self._link.frames()

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        return self._link.apply(settings)

    def close(self) -> None:
        self._link.close()
        self._end()

    def _end(self) -> None:
        for stream in (self._probe.stdin, self._probe.stdout, self._probe.stderr):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        try:
            self._probe.wait(END_S)
        except subprocess.TimeoutExpired:
            self._probe.kill()
            self._probe.wait()


def play(path: Path, once: bool = False, lift: bool = False) -> str:
    """The URL that plays a recording through the virtual probe: once, or repeated, with `lift` as if the probe was lifted in between."""
    flags = "&".join(f"{name}=1" for name, set_ in (("once", once), ("lift", lift)) if set_)
    return f"virtual://{path.resolve().as_uri().removeprefix('file://')}{flags and '?' + flags}"
