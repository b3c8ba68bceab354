"""Where a push message may be sent: the shape of Expo's tokens, and which Web Push endpoints are believed.

An endpoint is an address that somebody gives us to call. Only the push services' own hosts are called, so that
nobody makes this server knock on doors inside its own network.
"""

import base64
import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

LONGEST = 1000
EXPO_TOKEN = re.compile(r"Expo(?:nent)?PushToken\[[A-Za-z0-9_.:-]{1,200}\]")
PRINTABLE = re.compile(r"[!-~]+")
HTTPS = 443
POINT_BYTES, AUTH_BYTES = 65, 16
UNCOMPRESSED = 4


def is_expo_token(token: str) -> bool:
    return bool(EXPO_TOKEN.fullmatch(token))


def is_web_push_endpoint(endpoint: str, hosts: Iterable[str]) -> bool:
    """`hosts` is the allow-list: names, `*.name` for what lies below one, and `name:port` where it is not 443."""
    if len(endpoint) > LONGEST or not PRINTABLE.fullmatch(endpoint) or "\\" in endpoint:
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port or HTTPS
    except ValueError:
        return False
    if parts.scheme != "https" or "@" in parts.netloc or parts.fragment:
        return False
    return is_allowed(parts.hostname or "", port, hosts)


def is_allowed(host: str, port: int, hosts: Iterable[str]) -> bool:
    return not is_ip_address(host) and any(_matches(host, port, allowed.lower()) for allowed in hosts)


def is_ip_address(host: str) -> bool:
    """Also in the odd forms that a resolver takes: 127.1, 0x7f000001, 2130706433."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return bool(re.fullmatch(r"\d+|0x[0-9a-f]*", last))
    return True


def are_web_push_keys(p256dh: str, auth: str) -> bool:
    """A point of P-256 as it is written out, and 16 random bytes (RFC 8291)."""
    point, secret = from_base64url(p256dh), from_base64url(auth)
    return len(point) == POINT_BYTES and point[0] == UNCOMPRESSED and len(secret) == AUTH_BYTES


def from_base64url(text: str) -> bytes:
    """The bytes, with or without padding; none when it is something else."""
    bare = text.rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", bare) or len(bare) % 4 == 1:
        return b""
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def _matches(host: str, port: int, allowed: str) -> bool:
    name, _, other_port = allowed.partition(":")
    if port != int(other_port or HTTPS):
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) > len(name) - 1
    return host == name and bool(host)
