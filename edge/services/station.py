"""The station of this appliance, as everything that leaves it names it."""

import socket
from contextlib import suppress
from importlib.metadata import version

from edge.disk.layout import DataFolder
from edge.exchange.handed import Station
from provisioning.codes import ProvisionRefused
from provisioning.identity.device import load_device


def station_of(data: DataFolder) -> Station:
    """Its host name, the id of its board where it has one, and the version of the program."""
    serial = ""
    with suppress(ProvisionRefused):
        serial = load_device(data.identity).id
    return Station(socket.gethostname(), serial, (f"SonoEdge {version('sonoedge')}",))
