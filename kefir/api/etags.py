"""Which versions a header names (RFC 9110, 13.1). A weak tag counts like a strong one: proxies make it so."""

import re

ANY = "*"
TAG = re.compile(r'"([\x21\x23-\x7e\x80-\xff]*)"')


def tag(version: int) -> str:
    return f'"{version}"'


def named(header: str) -> set[str]:
    """What stands between the quotes of each tag; a star for any. What is no tag names nothing."""
    return {ANY} if header.strip() == ANY else set(TAG.findall(header))


def names(header: str, version: int) -> bool:
    return not named(header).isdisjoint({ANY, str(version)})
