"""Which processes Kefir is made of."""

import re

_LINE = re.compile(r"^([A-Za-z][\w-]*):\s*(\S.*)$")


def parse(text: str) -> dict[str, str]:
    """Name and command of each, in order; other lines are comments."""
    found = (_LINE.match(line) for line in text.splitlines())
    return {line[1]: line[2].strip() for line in found if line}
