"""Files that die before one of their operations."""

import os
import signal
from datetime import datetime, timezone
from pathlib import Path

from provisioning.wipe.files import DiskFiles

CANARY = b"Canary Mueller 1234567"
NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)


class Counted:
    """The real files; `before` is called with the number, the name and the arguments of each operation."""

    def __init__(self, before):
        self.before, self.count, self.real = before, 0, DiskFiles()

    def __getattr__(self, name):
        def operation(*arguments):
            self.count += 1
            self.before(self.count, name, arguments)
            return getattr(self.real, name)(*arguments)

        return operation


def dying(number):
    """Files of which the operation with this number kills the process; of a write, the first half is written before."""

    def before(count, name, arguments):
        if count == number:
            if name == "write":
                (content,) = arguments[1]
                Path(arguments[0]).write_bytes(content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)

    return Counted(before)
