"""How a SonoEdge states over OpenIGTLink that an image is simulated: in the metadata; version 1 has none, so there in the device name."""

from firmware_bridge.igtl.header import Header
from firmware_bridge.igtl.messages import Message

KEY = "simulated"
APPLIANCE = "SonoEdge"
"""The device names of a SonoEdge begin so."""
_MARK = "_SIM"


def metadata_of(*, simulated: bool) -> dict[str, str]:
    """The pair of metadata for an image."""
    return {KEY: str(simulated).lower()}


def name_of(device: str, version: int, *, simulated: bool) -> str:
    """The device name in a message of this version."""
    return device + _MARK if simulated and version == 1 else device


def device_of(header: Header) -> str:
    """The device of a message, without the mark."""
    return header.device.removesuffix(_MARK) if _is_marked(header) else header.device


def is_simulated(message: Message) -> bool:
    """Whether the sender states that the image is simulated."""
    return message.metadata.get(KEY) == "true" or _is_marked(message.header)


def _is_marked(header: Header) -> bool:
    return header.version == 1 and header.device.startswith(APPLIANCE) and header.device.endswith(_MARK)
