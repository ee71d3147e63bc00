"""Time that never goes back: a clock that is set back, or starts at 1970, does not make old what was written, nor extend what ran out."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

Now = Callable[[], datetime]

TICK = timedelta(microseconds=1)


def wall() -> datetime:
    """What this machine's clock says, in UTC."""
    return datetime.fromtimestamp(time.time(), timezone.utc)


def after(latest: datetime, said: datetime) -> datetime:
    """The time of what follows something that was written at `latest`, by a clock that says `said`."""
    return max(said, latest + TICK)
