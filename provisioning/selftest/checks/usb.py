"""What is connected by USB: at which speed, with which power, and which of it are probes and Coral accelerators."""

from dataclasses import dataclass
from pathlib import Path

from provisioning.selftest.board import Board, read_number, read_text
from provisioning.selftest.check import Answer, judged, measure, not_tested

HUB_CLASS = 0x09
SERIAL_CLASS = 0x02
"""Communications: probes with a serial port (CDC-ACM)."""
CORAL = {("1a6e", "089a"): "Coral, not used since the start", ("18d1", "9302"): "Coral"}
"""An accelerator has the first id until its first inference, and the second one from then on."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device, but no hub; speed in Mbit/s, power in mA, each 0 where it is not stated."""

    port: str
    ids: tuple[str, str]
    name: str
    serial: bool
    speed: float
    power: int

    def __str__(self) -> str:
        kind = CORAL.get(self.ids) or ("probe or other serial device" if self.serial else "")
        facts = (f"{self.port} {':'.join(self.ids)}", self.name, kind, f"{self.speed:g} Mbit/s", f"{self.power} mA")
        return ", ".join(filter(None, facts))


def usb(board: Board) -> Answer:
    devices = devices_of(board.root / "sys/bus/usb/devices")
    if not devices:
        return not_tested("No USB device is connected", "Connect the probe and run the self-test again")
    numbers = [measure("USB power", sum(each.power for each in devices))]
    numbers += [measure("Coral speed", each.speed) for each in devices if each.ids in CORAL]
    next_step = "Connect the Coral to a blue port (USB 3), and use a hub with its own supply where the power is too high"
    return judged("; ".join(map(str, devices)), numbers, next_step)


def devices_of(folder: Path) -> list[Device]:
    """All devices in the order of their ports; names with a colon are the interfaces of a device."""
    found = sorted(path for path in folder.glob("*") if ":" not in path.name and read_text(path / "idVendor"))
    return [_device(path) for path in found if read_number(path / "bDeviceClass", 16) != HUB_CLASS]


def _device(path: Path) -> Device:
    speed = read_text(path / "speed")
    return Device(
        port=path.name,
        ids=(read_text(path / "idVendor"), read_text(path / "idProduct")),
        name=" ".join(filter(None, (read_text(path / "manufacturer"), read_text(path / "product")))),
        serial=any(read_number(each, 16) == SERIAL_CLASS for each in path.glob(f"{path.name}:*/bInterfaceClass")),
        speed=float(speed) if speed.replace(".", "", 1).isdigit() else 0.0,
        power=int(read_text(path / "bMaxPower").removesuffix("mA") or 0),
    )
