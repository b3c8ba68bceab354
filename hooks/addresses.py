"""Which addresses may be called. Somebody else chose them, so they must not lead into our own network.

A URL is looked at when it is given and again before each call; every address that its name stands for is looked at
before one of them is connected to. Sources: the special-purpose registries of IANA (RFC 6890 and after), and what
`ipaddress.is_private` leaves out.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 1000
HTTPS = 443

PRINTABLE = re.compile(r"[!-~]+")
# What some readers of addresses skip and others do not.
ODD = re.compile(r"[\s\x00-\x20\x7f\\]")
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# A resolver reads these as numbers: 127.1, 0x7f.1, 017700000001.
NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# The last label of names that never mean somebody on the internet (RFC 6761, 6762, 8375, 9476 and custom).
LOCAL_ENDINGS = frozenset(
    {
        *("alt", "arpa", "corp", "example", "home", "internal", "intranet", "invalid", "lan", "local"),
        *("localdomain", "localhost", "onion", "private", "test"),
    }
)

REFUSED = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT; a cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's own services
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]
# Of IPv6 only what is given out as unicast; all else is loopback, local, mapped, multicast or not yet anything.
GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class NotAllowed(ValidationError):
    """The address cannot be called; says why."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__({"url": ValidationError(sentence, code=code)})


@dataclass(frozen=True)
class Target:
    """Where a message goes: the name as it is looked up, and what is asked for there."""

    host: str
    port: int
    path: str
    is_https: bool = True
    # Only while trying things out: this machine may call itself.
    is_local: bool = False


def target(url: str, *, own_host: str = "", allow_local: bool = False) -> Target:
    """Raises NotAllowed. `own_host` is where Kefir itself answers; `allow_local` lets http go to this machine."""
    if len(url) > LONGEST:
        raise NotAllowed(_("At most %(longest)s characters.") % {"longest": LONGEST}, "too_long")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise malformed() from error
    if not PRINTABLE.fullmatch(url.replace(parts.netloc, "", 1)) or ODD.search(url):
        raise malformed()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if allow_local and parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK:
        is_https = parts.scheme == "https"
        return Target(str(parts.hostname), port or (HTTPS if is_https else 80), path, is_https, is_local=True)
    if parts.scheme != "https":
        raise NotAllowed(_("The address must begin with https://."), "not_https")
    if "@" in parts.netloc:
        raise NotAllowed(_("Leave the name and password out of the address."), "credentials")
    if parts.fragment:
        raise NotAllowed(_("Leave out what comes after the #."), "fragment")
    if port not in {None, HTTPS} or parts.netloc.endswith(":"):
        raise NotAllowed(_("Only port 443 is called."), "wrong_port")
    return Target(public_name(parts.hostname or "", own_host), HTTPS, path)


def public_name(host: str, own_host: str = "") -> str:
    """The name in its ASCII form. Raises NotAllowed for what is no name, or none of a machine on the internet."""
    name = ascii_name(host)
    labels = name.split(".")
    if NUMERIC.fullmatch(labels[-1]) or ":" in name:
        raise NotAllowed(_("Give a name, not a number: names are what certificates vouch for."), "ip_address")
    if len(labels) < 2 or labels[-1] in LOCAL_ENDINGS:
        raise NotAllowed(_("That is not a name on the internet."), "local_name")
    if own_host and name == own_host:
        raise NotAllowed(_("That is Kefir itself."), "own_host")
    return name


def ascii_name(host: str) -> str:
    """Lower case and punycode. ①②⑦.⓪.⓪.① and full stops of other scripts become what a resolver would read."""
    if ":" in host:
        return host
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise malformed() from error
    labels = name.split(".")
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise malformed()
    return name


def is_public(address: str) -> bool:
    """Whether the address, as a resolver answers it, is a machine on the internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:
            return False
        if inner := unwrapped(ip):
            return is_public(str(inner))
        if ip not in GIVEN_OUT:
            return False
    return not any(ip in network for network in REFUSED)


def unwrapped(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which a packet for it would go (mapped, or translated by NAT64)."""
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in TRANSLATED else None


def malformed() -> NotAllowed:
    return NotAllowed(_("That is not an address such as https://example.org/kefir."), "invalid")
