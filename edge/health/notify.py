"""Reports the state of the appliance to systemd: ready, alive, stopping. sd_notify(3) is one datagram, so no library is needed.

Without systemd (`NOTIFY_SOCKET` unset) nothing is sent.
"""

import os
import socket
import time

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"
STATUS = "STATUS="
"""One line for people follows, which `systemctl status` shows."""


def notify(state: str) -> None:
    """Sends one state; an error is ignored, because the appliance also works without a service manager."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # Linux's abstract namespace
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as peer:
        try:
            peer.sendto(state.encode(), address)
        except OSError:
            return


class Watchdog:
    """Feeds systemd's watchdog at half its interval, from the thread that must not hang."""

    def __init__(self) -> None:
        """Reads the interval from `WATCHDOG_USEC`; without it, nothing is sent."""
        self._every_s = int(os.environ.get("WATCHDOG_USEC", "0")) / 2e6
        self._due = 0.0

    def beat(self) -> None:
        """Call it as often as you like; between two feeds it only reads the clock."""
        if self._every_s and (now := time.monotonic()) >= self._due:
            self._due = now + self._every_s
            notify(ALIVE)
