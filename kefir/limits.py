"""How often something may be asked for: exact under concurrency, because one script in Redis counts and decides.

The windows slide: with "3/minute", no sixty seconds hold four. What is refused counts towards nothing.
"""

import ipaddress
import logging
import math
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from limits import parse_many
from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import ConnectionError as CannotReach
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

logger = logging.getLogger("kefir.limits")

# What is asked for in several places, or dear enough to have a limit of its own.
PUBLIC_PAGES = "60/minute"
TOKENS = "20/day"
EXPORTS = "20/hour"
# Of one person, by their pages and their apps together.
WRITES = "20/second;2000/hour"

# Each entry is when one was let through, the newest first; so the oldest that still counts has a fixed place. By the
# clock of Redis, which is one: those of web machines are never quite the same.
COUNT = """
local time, wait, most, longest = redis.call('time'), 0, 0, 0
local now = time[1] * 1000000 + time[2]
for i = 1, #ARGV, 2 do
    local amount, span = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
    local oldest = redis.call('lindex', KEYS[1], amount - 1)
    if oldest then wait = math.max(wait, tonumber(oldest) + span - now) end
    most, longest = math.max(most, amount), math.max(longest, span)
end
if wait > 0 then return wait end
redis.call('lpush', KEYS[1], string.format('%.0f', now))
redis.call('ltrim', KEYS[1], 0, most - 1)
redis.call('pexpire', KEYS[1], math.ceil(longest / 1000))
return 0
"""
MICROSECONDS = 1_000_000


class Unavailable(Exception):
    """Redis does not answer, so nobody can say how often it was."""


class TooOften(Exception):
    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(_("Too many tries. Wait a moment, then try again."))


@cache
def _redis() -> Redis:
    # Tried anew at once where a kept connection turns out to be dead; one that hangs is not waited for twice.
    again = Retry(NoBackoff(), 1, supported_errors=(CannotReach,))
    return Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3, retry=again)


@cache
def _script() -> Script:
    return _redis().register_script(COUNT)


@cache
def _windows(limits: str) -> list[int]:
    """Amount and span of each, one after the other."""
    return [
        number for item in parse_many(limits) for number in (item.amount, item.get_expiry() * MICROSECONDS)
    ]


def hit(name: str, limits: str, key: str) -> int:
    """Count one, and say how long to wait: 0 means go ahead, else whole seconds.

    `limits` is such as "3/minute;20/hour": all must let it through. Raises Unavailable when Redis is away.
    """
    try:
        wait = counted(f"{settings.CACHE_PREFIX}:often:{name}:{key}", _windows(limits))
    except RedisError as error:
        raise Unavailable from error
    return math.ceil(int(wait) / MICROSECONDS)


def counted(key: str, told: list[int]) -> Any:
    """Past what redis-py does for any kind of command, every call of the API being one; it helps where that fails."""
    script = _script()
    client = script.registered_client
    assert isinstance(client, Redis)  # noqa: S101 and no cluster
    connection = client.connection_pool.get_connection()
    try:
        connection.send_command("EVALSHA", script.sha, 1, key, *told)  # type: ignore[no-untyped-call]
        return connection.read_response()
    except (CannotReach, NoScriptError):
        return script([key], told)
    finally:
        client.connection_pool.release(connection)


def courtesy(name: str, limits: str, key: str) -> int:
    """As hit, for what must not become an outage when Redis is away: then it lets through."""
    try:
        return hit(name, limits, key)
    except Unavailable:
        return 0


def allow(name: str, limits: str, key: str) -> None:
    """As hit, for what stays shut when nobody can count. Raises TooOften and Unavailable."""
    if seconds := hit(name, limits, key):
        logger.warning("Too often: %s", name)
        raise TooOften(seconds)


def of_address(address: str) -> str:
    """Who is counted as one behind an address: of IPv6, whoever has a network has all of its 2⁶⁴ addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
