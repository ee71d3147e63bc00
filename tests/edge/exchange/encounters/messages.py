"""ADT messages as a hospital sends them, of which a test changes what it wants."""

from datetime import datetime, timedelta, timezone

NAME = "አበበ^ሰላማዊት"
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=timezone.utc)
MORNING = datetime(2026, 11, 30, 8, 0, tzinfo=timezone.utc)


def moment(minutes=0):
    """A time stamp, so many minutes after eight."""
    return (MORNING + timedelta(minutes=minutes)).strftime("%Y%m%d%H%M%S+0000")


def adt(
    event="A01", *, number=None, minutes=0, visit="V-17", identifier="P-1^^^HOSP^MR", name=f"{NAME}^^^^^L", born="19810302", sex="F",
    place="W3^12^A", since="20261129", kind="I", charset="UNICODE UTF-8", merged="", discharged="", processing="P", extra="",
):  # fmt: skip
    """A message; `number` is its control id, by default one of the event and the minute."""
    number = f"{event}-{minutes}-{visit}" if number is None else number
    pv1 = ["PV1", "1", kind, place, *[""] * 15, visit, *[""] * 24, since, discharged]
    lines = [
        f"MSH|^~\\&|HIS|GONDAR|SONOEDGE|WARD|{moment(minutes)}||ADT^{event}^ADT_A01|{number}|{processing}|2.5.1||||||{charset}",
        f"EVN|{event}|{moment(minutes)}",
        f"PID|1||{identifier}||{name}||{born}|{sex}",
        *([f"MRG|{merged}"] if merged else []),
        *(["|".join(pv1).rstrip("|")] if not merged else []),
        *([extra] if extra else []),
    ]
    return "".join(f"{line}\r" for line in lines)
