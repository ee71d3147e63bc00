"""How a SonoEdge states over OpenIGTLink what an image is: whether it is simulated, and which machine made it.

Both are in the metadata. Version 1 has none: there the device name states that an image is simulated, and nothing states the machine.
"""

from firmware_bridge.igtl.header import Header
from firmware_bridge.igtl.messages import Message
from firmware_bridge.machine import Machine

KEY, MACHINE_KEY = "simulated", "machine"
APPLIANCE = "SonoEdge"
"""The device names of a SonoEdge begin so."""
_MARK = "_SIM"


def metadata_of(machine: Machine, *, simulated: bool) -> dict[str, str]:
    """The metadata for an image."""
    return {KEY: str(simulated).lower(), MACHINE_KEY: machine.name}


def name_of(device: str, version: int, *, simulated: bool) -> str:
    """The device name in a message of this version."""
    return device + _MARK if simulated and version == 1 else device


def device_of(header: Header) -> str:
    """The device of a message, without the mark."""
    return header.device.removesuffix(_MARK) if _is_marked(header) else header.device


def machine_of(message: Message) -> Machine:
    """The machine that the sender states, else the device of the message."""
    return Machine.named(message.metadata.get(MACHINE_KEY) or device_of(message.header))


def is_simulated(message: Message) -> bool:
    """Whether the sender states that the image is simulated."""
    return message.metadata.get(KEY) == "true" or _is_marked(message.header)


def _is_marked(header: Header) -> bool:
    return header.version == 1 and header.device.startswith(APPLIANCE) and header.device.endswith(_MARK)
