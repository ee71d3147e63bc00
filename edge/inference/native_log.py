"""What C code writes to the process's stderr: the runtime has no setting for the level of its messages."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2
INFO = b"INFO: "


@contextmanager
def without_info() -> Iterator[None]:
    """Holds back everything that any thread writes to stderr, then passes on all lines but those that start with INFO."""
    try:
        shown = os.dup(STDERR)
    except OSError:  # this process has no stderr
        yield
        return
    held = os.memfd_create("stderr")
    os.dup2(held, STDERR)
    try:
        yield
    finally:
        os.dup2(shown, STDERR)
        os.close(shown)
        os.lseek(held, 0, os.SEEK_SET)
        with os.fdopen(held, "rb") as lines:
            os.write(STDERR, b"".join(line for line in lines if not line.startswith(INFO)))
