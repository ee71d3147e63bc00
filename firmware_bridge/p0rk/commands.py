"""The commands to the pic0rick, one on each line, and the meaning of its refusals."""

from firmware_bridge.errors import LinkError
from firmware_bridge.p0rk.frame import Kind

STREAM_TYPES = {"raw": Kind.RAW, "envelope": Kind.ENVELOPE, "alaw": Kind.A_LAW}
MOST_HZ = {"raw": 100, "envelope": 50, "alaw": 70}
"""The highest number of A-lines per second, by type."""
STOP, STATUS, START = b"stream stop\n", b"status\n", b"stream start"
ARM, DISARM = b"pulser arm\n", b"pulser disarm\n"
OK, ERR = "OK", "ERR"

REFUSALS = {
    "BUSY": ("is busy", "Wait until it has finished, or unplug it and plug it in again"),
    "ARG": ("does not understand an argument", "Update its firmware to 1.5"),
    "RANGE": ("got a value out of its range", "Ask for a lower rate"),
    "RATE": ("cannot stream at this rate", "Ask for a lower ?hz="),
    "COMMAND": ("does not know the command", "Update its firmware to 1.5"),
    "LINE": ("got a line that is too long", "Update the appliance"),
    "NO_DATA": ("has no data to send", "Start an acquisition"),
    "DMA": ("failed to capture (DMA)", "Unplug it and plug it in again"),
}


class P0rkRefused(LinkError):
    """The probe answered ERR."""

    code = "p0rk-refused"


def start(kind: str, hz: int) -> bytes:
    """Asks for a stream of A-lines of a type in `STREAM_TYPES`, at `hz` per second."""
    return START + f" {kind} {hz}\n".encode()


def firmware_of(status: str) -> str:
    """The version among the `key=value` words of a reply to `status`."""
    words = dict(word.split("=", 1) for word in status.split() if "=" in word)
    return words.get("firmware", "")


def refusal(place: str, reply: str) -> P0rkRefused:
    """The meaning of `ERR CODE message`, for people."""
    code = reply.split()[1] if len(reply.split()) > 1 else ""
    what, fix = REFUSALS.get(code, ("refused", "Unplug it and plug it in again"))
    return P0rkRefused(f"the pic0rick at {place} {what} ({reply})", fix)
