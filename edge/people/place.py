"""The place that an address belongs to: limits count by place, because one machine can have very many addresses."""

import ipaddress

LOOPBACK, SHELL = "loopback", "the board's shell"
NETWORK_BITS = 64
"""A machine chooses the other bits of its IPv6 address itself (RFC 4862)."""


def place_of(address: str) -> str:
    """`LOOPBACK` for every loopback address, an IPv4 address, or an IPv6 network; any other text is its own place."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return place_of(str(found.ipv4_mapped))
        if not found.is_loopback:
            return str(ipaddress.ip_network((int(found), NETWORK_BITS), strict=False))
    return LOOPBACK if found.is_loopback else str(found)
