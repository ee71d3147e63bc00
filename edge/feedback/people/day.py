"""The day of a card, by the local date of the appliance."""

from datetime import datetime, time


def last_midnight(now: datetime) -> datetime:
    """The begin of the day of `now`."""
    return datetime.combine(now.astimezone().date(), time()).astimezone()
