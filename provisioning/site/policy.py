"""The policy of a site: which networks can open the pages of its boards. The role of the site, `sites-SITE`, signs it."""

from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, ValidationError

from edge.disk.plain_file import read_plain
from provisioning.boot.place import Place
from provisioning.codes import ProvisionRefused
from provisioning.update.manifest import Fixed, fault

NAME = "policy.json"
SITE = r"^[a-z0-9][a-z0-9._-]{0,62}$"
"""The name of a site, as in the name of its role."""
PORT = 8443
EVERY_INTERFACE = "0.0.0.0"  # noqa: S104 - only the networks of the policy are admitted, by the appliance and by systemd
PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")))
"""RFC 1918, a cable without a router, and the board itself: a policy means the same on every Python, whose own list changes."""
MOST_NETWORKS = 16
MOST_BYTES = 20_000
TAKE_AGAIN = "Leave the site, then take its policy again: sonoedge provision site leave"
"""Where the policy that is stored on the board is damaged."""


def _local(network: IPv4Network) -> IPv4Network:
    if not any(network.subnet_of(private) for private in PRIVATE):
        raise ValueError("it is no private network, such as 192.168.1.0/24")
    return network


class Policy(Fixed):
    """`networks` are private IPv4 networks; without any, the pages open on the board itself only. `port` is that of HTTPS."""

    site: str = Field(pattern=SITE)
    issued_at: AwareDatetime
    networks: tuple[Annotated[IPv4Network, AfterValidator(_local)], ...] = Field((), max_length=MOST_NETWORKS)
    port: int = Field(PORT, ge=1024, le=65535)

    @property
    def address(self) -> str:
        """Where the pages are served: on this machine only, where no network reaches beyond it."""
        return "127.0.0.1" if all(network.is_loopback for network in self.networks) else EVERY_INTERFACE

    def admits(self, address: str) -> bool:
        """Whether a client with this address is in a network of the site."""
        try:
            client = ip_address(address)
        except ValueError:
            return False
        return isinstance(client, IPv4Address) and any(client in network for network in self.networks)


def parse(content: bytes, where: str, next_step: str = "") -> Policy:
    """A policy; `next_step` is that of a refusal, where it is another one than for a stick.

    Raises:
        ProvisionRefused: E-POLICY, it cannot be used.
    """
    try:
        return Policy.model_validate_json(content)
    except ValidationError as error:
        raise ProvisionRefused("E-POLICY", f"the policy in {where} cannot be used: {fault(error)}", next_step) from error


def policy_of(place: Place) -> Policy | None:
    """The policy of the site that a board belongs to; None where it belongs to none.

    Raises:
        ProvisionRefused: E-POLICY, what is stored cannot be used.
    """
    try:
        return parse(read_plain(place.site, MOST_BYTES), str(place.site), TAKE_AGAIN)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ProvisionRefused("E-POLICY", f"{place.site} cannot be read ({error.strerror})", TAKE_AGAIN) from error
