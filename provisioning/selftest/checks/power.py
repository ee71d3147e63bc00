"""Whether the board is too hot or gets too little power."""

from collections.abc import Iterator

from provisioning.selftest.board import Board, read_number, read_text
from provisioning.selftest.check import Answer, State, judged, measure, not_tested

PLAUSIBLE_C = (-40.0, 150.0)
"""Zones without a sensor state less or more."""
THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
"""Raspberry Pi: bits in hexadecimal (get_throttled of its firmware)."""
UNDER_VOLTAGE, SLOWED = 0x1, 0xE
"""Bits of this moment; the same bits `SINCE_START` higher have been set at any time since the start."""
SINCE_START = 16


def heat(board: Board) -> Answer:
    degrees = list(_degrees(board))
    if not degrees:
        return not_tested("This board has no sensor of temperature")
    now, before = _bits(board, SLOWED)
    slowed = now or _cooled(board)
    parts = ["the processor is slowed down now" if slowed else "", "it was slowed down since the start" if before else ""]
    detail = "; ".join((f"The hottest of {len(degrees)} sensors", *filter(None, parts)))
    seen = [State.WATCH] if slowed or before else []
    return judged(detail, [measure("temperature", max(degrees))], "Give the board air and shade, or a heat sink", seen)


def power(board: Board) -> Answer:
    alarms = [read_number(path) for path in (board.root / "sys/class/hwmon").glob("hwmon*/in0_lcrit_alarm")]
    if read_number(board.root / THROTTLED, 16) is None and not alarms:
        return not_tested("This board does not state whether its supply is strong enough")
    now, before = _bits(board, UNDER_VOLTAGE)
    seen = [State.FAILED] if now or 1 in alarms else [State.WATCH] if before else []
    words = "is too low now" if State.FAILED in seen else "was too low since the start" if seen else "is high enough"
    return judged(f"The voltage of the supply {words}", (), "Use the power supply and the cable that the board needs", seen)


def _degrees(board: Board) -> Iterator[float]:
    for path in (board.root / "sys/class/thermal").glob("thermal_zone*/temp"):
        value = read_number(path)
        if value is not None and PLAUSIBLE_C[0] < value / 1000 < PLAUSIBLE_C[1]:
            yield value / 1000


def _bits(board: Board, mask: int) -> tuple[bool, bool]:
    """Whether a bit is set now, and whether it was set since the start."""
    bits = read_number(board.root / THROTTLED, 16) or 0
    return bool(bits & mask), bool(bits >> SINCE_START & mask)


def _cooled(board: Board) -> bool:
    """Whether the kernel itself slows the processor down."""
    devices = (board.root / "sys/class/thermal").glob("cooling_device*")
    return any("cpufreq" in read_text(device / "type") and (read_number(device / "cur_state") or 0) > 0 for device in devices)
