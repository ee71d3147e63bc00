"""Whether the tablets of a site find the board, and the board serves them."""

import re

from edge.disk.layout import DataFolder
from provisioning.codes import RESTART
from provisioning.selftest.board import Board
from provisioning.selftest.check import Answer, State, judged, not_tested
from provisioning.site.opened import site_of

NAME, SOCKETS = "proc/sys/kernel/hostname", "proc/net/tcp"


def tablets(board: Board) -> Answer:
    """Raises ProvisionRefused: the policy of the site, or the identity of the board, cannot be used."""
    site = site_of(board.place, DataFolder(board.data).identity)
    if site is None or not site.policy.networks:
        return not_tested("the pages open on the board itself only", "To open them to tablets: sonoedge provision site apply")
    announced, port = f"{board.text(NAME).lower()}.local", site.policy.port
    if not listens(board.text(SOCKETS), port):
        return Answer(State.WATCH, f"nothing serves tablets on port {port}", (), RESTART)
    if announced != site.host:
        what = f"tablets look for {site.host}, and the board announces {announced}"
        return Answer(State.WATCH, what, (), f"Set the host name: sudo hostnamectl set-hostname {site.host.removesuffix('.local')}")
    return judged(f"tablets in {', '.join(map(str, site.policy.networks))} open {site.address}")


def listens(sockets: str, port: int) -> bool:
    """Whether a program waits for connections on a port, by the text of /proc/net/tcp (proc(5): 0A is LISTEN)."""
    return re.search(rf"^ *\d+: [0-9A-F]+:{port:04X} 0+:0000 0A ", sockets, re.MULTILINE) is not None
