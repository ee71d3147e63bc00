"""The settings do not open the pages of a board to a network where a signed policy does."""

import sys
from pathlib import Path

from edge.people.place import LOOPBACK, place_of
from firmware_bridge.errors import InputRefused
from provisioning.boot.place import Place


class HostClosed(InputRefused):
    """The settings open the pages of a board to a network that only a signed policy may open."""

    code = "host-closed"
    says_code = "host_closed"


def require_closed(host: str, place: Place | None = None) -> None:
    """A board that was given to a publisher serves on itself only, whatever its settings state; `place` is that of this program.

    Raises:
        HostClosed: `host` is another address.
    """
    place = place or Place.of(Path(sys.prefix))
    if place is None or not place.trusted_root.exists() or host == "localhost" or place_of(host) == LOOPBACK:
        return
    what = f"The settings open the pages on {host}, and on this board only the signed policy of its site does that"
    raise HostClosed(what, "Remove `host` from the settings, and take a policy: sonoedge provision site apply")
