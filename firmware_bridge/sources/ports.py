"""The connected devices: every port that may be a probe, from udev, and each change as it happens."""

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from firmware_bridge.errors import SeveralProbes, SourceAbsent

if TYPE_CHECKING:
    from pyudev import Context, Device

SCHEMES = {"tty": "serial", "video4linux": "v4l2"}
"""udev subsystem -> scheme of the source that opens its nodes."""
STABLE_LINKS = ("/dev/serial/by-id/", "/dev/v4l/by-id/", "/dev/v4l/by-path/", "/dev/serial/by-path/")
"""Names that survive a renumbering, best first."""
PIC0RICK = ("cafe", "4011")
CAPTURE = ":capture:"
"""Among ID_V4L_CAPABILITIES: the node gives frames, and not only metadata."""
UDEV_CONTROL = Path("/run/udev/control")
NO_MODEM = "ID_MM_DEVICE_IGNORE"


@dataclass(frozen=True, slots=True)
class FoundPort:
    """One port. `url` is the source for the settings: by the device's own identity if it has one.

    `speed_mbit` is the speed of its USB connection (1.5, 12, 480, 5000, ...), None without USB. `may_open`: this user is allowed to
    open it; `owner` states who else is. `modem_manager_stays_off`: a rule stops ModemManager from using it.
    """

    url: str
    path: str
    usb_id: str
    serial_number: str
    model: str
    speed_mbit: float | None
    may_open: bool
    owner: str
    modem_manager_stays_off: bool


@dataclass(frozen=True, slots=True)
class PortEvent:
    """`action` is udev's own word: add, remove, change."""

    action: str
    port: FoundPort


def find_ports() -> list[FoundPort]:
    """Every serial and video port of the machine, USB ports first."""
    context = _context()
    found = [port_of(device) for subsystem in SCHEMES for device in context.list_devices(subsystem=subsystem) if _is_port(device)]
    return sorted(found, key=lambda port: (not port.usb_id, port.path))


def watch_ports() -> Iterator[PortEvent]:
    """Waits for each next port that appears, disappears or changes; the kernel reports it, without polling."""
    import pyudev  # noqa: PLC0415 - loads libudev, which only listing needs

    # udev's own events come after its rules have set links and rights; without its daemon we use the kernel's events.
    monitor = pyudev.Monitor.from_netlink(_context(), "udev" if UDEV_CONTROL.exists() else "kernel")
    for subsystem in SCHEMES:
        monitor.filter_by(subsystem)
    monitor.start()
    for device in iter(monitor.poll, None):
        if _is_port(device):
            yield PortEvent(device.action or "change", port_of(device))


def only_serial_port() -> str:
    """The path of the only USB serial port that is connected.

    Raises:
        SourceAbsent: there is none.
        SeveralProbes: there are several; the message names them all.
    """
    usb = [port for port in find_ports() if port.usb_id and port.url.startswith("serial:")]
    if not usb:
        raise SourceAbsent("no USB serial port is plugged in", "Plug the probe in, or name its port: serial:///dev/...")
    if len(usb) > 1:
        raise SeveralProbes(f"{len(usb)} ports could be the probe", "Name one of " + ", ".join(port.url for port in usb))
    return usb[0].url.removeprefix("serial://")


def holders_of(path: str) -> list[str]:
    """The programs that have a node open, as "name (pid N)", as far as this user can see; without this process."""
    node = os.path.realpath(path)
    return [_program(process) for process in Path("/proc").glob("[0-9]*") if int(process.name) != os.getpid() and _has_open(process, node)]


def _has_open(process: Path, node: str) -> bool:
    try:
        return any(os.readlink(fd) == node for fd in (process / "fd").iterdir())  # noqa: PTH115 - /proc's links are not real paths
    except OSError:
        return False


def _program(process: Path) -> str:
    try:
        return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
    except OSError:
        return f"pid {process.name}"


def _context() -> "Context":
    try:
        import pyudev  # noqa: PLC0415 - loads libudev, which only listing needs
    except ImportError as error:
        raise SourceAbsent(f"libudev is not installed ({error})", "Install the package libudev1") from error
    return pyudev.Context()


def _is_port(device: "Device") -> bool:
    """Virtual consoles have no parent device, and some video nodes carry only metadata."""
    if device.device_node is None or not device.device_path:
        return False
    if device.subsystem == "video4linux":
        return CAPTURE in str(device.properties.get("ID_V4L_CAPABILITIES", CAPTURE))
    return "/virtual/" not in device.device_path and not _is_empty_uart(device)


def _is_empty_uart(device: "Device") -> bool:
    """A PC lists UARTs that do not exist; the kernel gives them type 0."""
    return bool(device.attributes.get("type") == b"0")


def port_of(device: "Device") -> FoundPort:
    """The facts that udev and sysfs state about one node."""
    usb = device.find_parent("usb", "usb_device")
    stated = (
        {name: (usb.attributes.get(name) or b"").decode(errors="replace").strip() for name in USB_ATTRIBUTES} if usb is not None else {}
    )
    ids = stated.get("idVendor", ""), stated.get("idProduct", "")
    scheme = "p0rk" if ids == PIC0RICK and device.subsystem == "tty" else SCHEMES[device.subsystem]
    node = device.device_node
    return FoundPort(
        url=f"{scheme}://{_stable(device) or node}",
        path=node,
        usb_id=":".join(ids) if all(ids) else "",
        serial_number=stated.get("serial", ""),
        model=" ".join(filter(None, (stated.get("manufacturer", ""), stated.get("product", "")))) or device.properties.get("ID_MODEL", ""),
        speed_mbit=float(stated["speed"]) if stated.get("speed", "").replace(".", "").isdigit() else None,
        may_open=os.access(node, os.R_OK | os.W_OK),
        owner=_owner(node),
        modem_manager_stays_off=device.properties.get(NO_MODEM) == "1",
    )


USB_ATTRIBUTES = ("idVendor", "idProduct", "serial", "manufacturer", "product", "speed")


def _stable(device: "Device") -> str:
    links = sorted(device.device_links)
    return next((link for start in STABLE_LINKS for link in links if link.startswith(start)), "")


def _owner(node: str) -> str:
    """Who is allowed to open it, in the form of `ls -l`: "rw-rw---- root:dialout"."""
    try:
        status = Path(node).stat()
        user, group = pwd.getpwuid(status.st_uid).pw_name, grp.getgrgid(status.st_gid).gr_name
    except (OSError, KeyError):
        return ""
    return f"{stat.filemode(status.st_mode)[1:]} {user}:{group}"
