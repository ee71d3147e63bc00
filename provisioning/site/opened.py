"""The site of a board: what its policy opens, and the certificates with which it does."""

import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from provisioning.boot.place import Place
from provisioning.codes import ProvisionRefused
from provisioning.identity.device import Device, load_device
from provisioning.site.policy import Policy, policy_of

if TYPE_CHECKING:
    from provisioning.identity.https import Https

LOOK_S = 3600.0
"""How often the appliance looks whether its certificate ends soon."""


@dataclass(frozen=True, slots=True)
class SiteState:
    """What tablets need: their networks, the address to open (empty without a network), the fingerprint of the authority to install."""

    name: str
    networks: tuple[str, ...]
    address: str
    certificate: str


class Site:
    """The site of the board at `place`, whose key is in the folder `identity`. What it states holds from the start of the appliance on.

    Raises, from every property and method:
        ProvisionRefused: E-POLICY, the policy cannot be used; E-NOT-SET-UP or E-IDENTITY, the identity of the board.
        OSError: the disk refuses the certificates.
    """

    def __init__(self, place: Place, identity: Path) -> None:
        self._place, self._identity = place, identity

    @cached_property
    def policy(self) -> Policy:
        found = policy_of(self._place)
        if found is None:
            raise ProvisionRefused("E-NO-POLICY", "the board has left its site")
        return found

    @cached_property
    def _device(self) -> Device:
        return load_device(self._identity)

    @property
    def host(self) -> str:
        """The name by which tablets open the pages."""
        return self._device.host

    @property
    def address(self) -> str:
        """What tablets open; empty where the policy names no network."""
        return f"https://{self.host}:{self.policy.port}/" if self.policy.networks else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The host; none, and no error, where the identity cannot be used."""
        with suppress(ProvisionRefused):
            return (self.host,)
        return ()

    @property
    def opens(self) -> bool:
        """Whether any network can open the pages. True where the policy cannot be used, and no error: who serves it states the fault."""
        with suppress(ProvisionRefused):
            return bool(self.policy.networks)
        return True

    @cached_property
    def state(self) -> SiteState:
        return SiteState(self.policy.site, tuple(map(str, self.policy.networks)), self.address, self.certificates().authority.fingerprint)

    def certificates(self) -> "Https":
        """Those of now: a leaf that ends soon is renewed."""
        from provisioning.identity.https import make_https  # noqa: PLC0415 - slow, and most boards need it never

        return make_https(self._identity, self._device, datetime.now(timezone.utc))


def site_of(place: Place | None, identity: Path) -> Site | None:
    """The site that a board belongs to at this moment; None where it belongs to none."""
    return None if place is None or not place.site.exists() else Site(place, identity)


class Certificates:
    """The TLS context of a site; `keep` renews it while connections use it."""

    def __init__(self, site: Site, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises ProvisionRefused, OSError: the certificates cannot be made."""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._site, self._clock, self._shown = site, clock, ""
        self._look()

    def keep(self) -> None:
        """Call it at any time; new connections get the renewed certificate.

        Raises:
            ProvisionRefused, OSError: it has to be renewed, and cannot be made.
        """
        if self._clock() - self._looked_at >= LOOK_S:
            self._look()

    def _look(self) -> None:
        self._looked_at = self._clock()
        made = self._site.certificates()
        if made.leaf.fingerprint != self._shown:
            self.context.load_cert_chain(made.chain)
            self._shown = made.leaf.fingerprint
