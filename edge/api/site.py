"""The web server for the tablets of a site."""

import socket
from collections.abc import Callable

from fastapi import FastAPI

from edge.api.server import WebServer
from edge.api.tls import Tls
from provisioning.site.opened import Certificates, Site

WORKER = "https"


def site_server(app: FastAPI, site: Site, listen: Callable[[str, int], socket.socket], beat: Callable[[str], None]) -> WebServer:
    """A server on the port of the site's policy, over TLS, for its networks only. `listen` opens the port, `beat` takes the worker's name.

    Raises:
        PortOccupied: another program uses the port.
        ProvisionRefused, OSError: the certificates cannot be made.
    """
    certificates = Certificates(site)

    def keep() -> None:
        beat(WORKER)
        certificates.keep()

    return WebServer(app, listen(site.policy.address, site.policy.port), keep, Tls(certificates.context, site.policy.admits))
