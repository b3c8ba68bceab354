"""How often something may be asked for: exact under concurrency, because one script in Redis counts and decides."""

import time
from functools import cache

from django.conf import settings
from limits import RateLimitItem, parse_many
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError


class Unavailable(Exception):
    """Redis does not answer, so nobody can say how often it was."""


@cache
def _limiter() -> MovingWindowRateLimiter:
    url = settings.REDIS_URL.replace("unix://", "redis+unix://", 1)
    storage = storage_from_string(url, socket_timeout=0.3, socket_connect_timeout=0.3)
    return MovingWindowRateLimiter(storage)


@cache
def _items(limits: str) -> list[RateLimitItem]:
    return parse_many(limits)


def hit(name: str, limits: str, key: str) -> int:
    """Count one, and say how long to wait: 0 means go ahead, else whole seconds.

    `limits` is such as "3/minute;20/hour". Raises Unavailable when Redis is away.
    """
    try:
        return max(_wait(item, name, key) for item in _items(limits))
    except RedisError as error:
        raise Unavailable from error


def _wait(item: RateLimitItem, name: str, key: str) -> int:
    if _limiter().hit(item, settings.CACHE_PREFIX, name, key):
        return 0
    reset_at = _limiter().get_window_stats(item, settings.CACHE_PREFIX, name, key).reset_time
    return max(1, round(reset_at - time.time()))
