"""Time that passes in Redis, whose clock counts how often something was asked for, and which nobody travels with."""

from kefir import limits


def pass_in_redis(seconds: float) -> None:
    """Whatever was let through was so much longer ago."""
    redis = limits._redis()
    for key in redis.scan_iter("*often:*"):
        entries = redis.lrange(key, 0, -1)
        redis.delete(key)
        redis.rpush(key, *(round(int(entry) - seconds * limits.MICROSECONDS) for entry in entries))
