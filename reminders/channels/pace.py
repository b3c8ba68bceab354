"""No faster than a service allows, by however many workers: one script in Redis counts and decides."""

import threading
import time
from functools import cache

import redis
from django.conf import settings
from redis.commands.core import Script
from redis.exceptions import RedisError

# Counts what was let through by slots of 10 ms. What is older than 1.01 s is forgotten, so that messages which
# travel a little unevenly still never come more than the limit within any one second. Redis' clock is the
# only one. Answers with the milliseconds to wait; 0: go ahead, it is counted.
SCRIPT = """
local time, count, limit = redis.call('TIME'), tonumber(ARGV[1]), tonumber(ARGV[2])
local slot, kept = time[1] * 100 + math.floor(time[2] / 10000), 102
local counted, used, slots = redis.call('HGETALL', KEYS[1]), 0, {}
for i = 1, #counted, 2 do
  local at = tonumber(counted[i])
  if at <= slot - kept or at > slot + kept then
    redis.call('HDEL', KEYS[1], counted[i])
  else
    used = used + tonumber(counted[i + 1])
    slots[#slots + 1] = {at, tonumber(counted[i + 1])}
  end
end
if used + count <= limit then
  redis.call('HINCRBY', KEYS[1], string.format('%d', slot), count)
  redis.call('PEXPIRE', KEYS[1], 2000)
  return 0
end
table.sort(slots, function(one, other) return one[1] < other[1] end)
for _, one in ipairs(slots) do
  used = used - one[2]
  if used + count <= limit then
    return (one[1] + kept - slot) * 10 - math.floor(time[2] % 10000 / 1000)
  end
end
return 1000
"""
# Without Redis nobody knows of the others; so many processes share the limit then, at worst.
PROCESSES_AT_WORST = 10

_lock = threading.Lock()
_next_alone: dict[str, float] = {}


def wait_for_turn(name: str, count: int, *, per_second: int, deadline: float) -> bool:
    """Wait until so many more may go; False when that is not before the deadline (of time.monotonic).

    `count` is at most `per_second`; 0 for that means no limit.
    """
    while per_second and time.monotonic() <= deadline:
        wait = _wait(name, count, per_second)
        if time.monotonic() + wait > deadline:
            return False
        if not wait:
            return True
        time.sleep(wait)
    return time.monotonic() <= deadline


def _wait(name: str, count: int, per_second: int) -> float:
    """Seconds until it is worth asking again; 0: they may go, and are counted."""
    key = f"{settings.CACHE_PREFIX}:pace:{name}"
    try:
        return float(_script()(keys=[key], args=[count, per_second])) / 1000
    except RedisError:
        return _wait_alone(name, count, per_second)


def _wait_alone(name: str, count: int, per_second: int) -> float:
    now, pause = time.monotonic(), count * PROCESSES_AT_WORST / per_second
    with _lock:
        at = _next_alone.get(name, 0)
        if at and at <= now:
            del _next_alone[name]
            return 0
        _next_alone[name] = at = at or now + pause
        return at - now


@cache
def _script() -> Script:
    url = settings.REDIS_URL.replace("redis+socket://", "unix://", 1)
    client = redis.from_url(url, socket_timeout=0.3, socket_connect_timeout=0.3)
    return client.register_script(SCRIPT)
