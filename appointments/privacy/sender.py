"""Whose request it is: one address for one sender, however it was written on its way.

Pure but for who_sent(), which believes as many proxies as we run (TRUSTED_PROXY_COUNT) and no more.
"""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings

HOME = 64  # bits: what one household or server is given, with every address in it to choose from
NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 visitor behind a gateway
WITH_PORT = re.compile(r"\[(?P<six>[^\]]*)\](?::\d+)?|(?P<four>[\d.]+):\d+")


def parse(written: str) -> IPv4Address | IPv6Address | None:
    """The address in it, without port, brackets or zone, IPv4 where IPv6 only wraps one; None when there is none."""
    written = written.strip().strip('"')
    if match := WITH_PORT.fullmatch(written):
        written = match["six"] or match["four"] or ""
    try:
        address = ip_address(written.split("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def canonical(written: str) -> str:
    """One text for one sender: an IPv4 address, or the /64 of an IPv6 one. Empty when there is no address in it."""
    address = parse(written)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, HOME), strict=False))
    return str(address or "")


def who_sent(request) -> str:
    """The visitor's address as it was written by the outermost of our own proxies, or by the connection itself.

    Each proxy appends the address it saw to X-Forwarded-For, so ours wrote the last TRUSTED_PROXY_COUNT entries;
    anything further left is what the client claims.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    count = settings.TRUSTED_PROXY_COUNT
    return hops[-count] if count and len(hops) >= count else request.META.get("REMOTE_ADDR", "")


FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)


def comes_through_an_unannounced_proxy(request) -> bool:
    """Whether a proxy beside us passes on a visitor of its own, though we were told that there is none.

    What a visitor from afar writes into such a header by hand says nothing about us.
    """
    if settings.TRUSTED_PROXY_COUNT or not any(name in request.META for name in FORWARDED):
        return False
    peer = parse(request.META.get("REMOTE_ADDR", ""))
    return peer is None or peer.is_private
