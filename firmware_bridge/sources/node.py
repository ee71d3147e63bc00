"""Notices that a device node has appeared, disappeared or been replaced: a probe that is plugged in again is opened at once."""

import os
from threading import Event

from firmware_bridge.errors import SourceUnknown
from firmware_bridge.sources.url import parse_url

LOOK_EVERY_S = 0.05
"""The time between two calls of `stat`, in seconds; a pty and a renamed link send no event to wait for."""

NODE_SCHEMES = ("serial", "p0rk", "v4l2")

Identity = tuple[int, int, int, int]


class NodeWatch:
    """Watches the node of a source's URL from now on; a source without a node never changes."""

    def __init__(self, url: str) -> None:
        try:
            parsed = parse_url(url)
        except SourceUnknown:
            self._path = ""
        else:
            self._path = parsed.path if parsed.scheme in NODE_SCHEMES and parsed.path != "/" else ""
        self._seen = self._identity()

    def wait(self, seconds: float, enough: Event) -> bool:
        """Waits for this time, or until `enough` is set; returns early, and True, when a new node appears."""
        if not self._path:
            enough.wait(seconds)
            return False
        for _ in range(max(1, round(seconds / LOOK_EVERY_S))):
            if enough.wait(LOOK_EVERY_S):
                return False
            now = self._identity()
            if now != self._seen:
                self._seen = now
                if now is not None:
                    return True
        return False

    def _identity(self) -> Identity | None:
        """A new node has another number or another creation time, even at the path of an old node."""
        try:
            status = os.stat(self._path)  # noqa: PTH116 - one system call, twenty times a second
        except OSError:
            return None
        return status.st_dev, status.st_ino, status.st_rdev, status.st_ctime_ns
