"""Which prefix of the bucket holds what; each has its own rules of how long (`preparing.py`).

Whoever may guess no key can ask for none: each ends in 128 random bits under its owner's prefix.
"""

import secrets
from uuid import UUID

INCOMING = "incoming/"  # what a signed PUT may write; nothing is shown from here
ORIGINALS = "originals/"  # what was accepted, out of reach of any signed PUT
COPIES = "copies/"  # what is shown: made by us, without metadata
ARCHIVES = "archives/"  # everything of somebody, to take away
IMPORTS = "imports/"  # what somebody brought along
PREFIXES = (INCOMING, ORIGINALS, COPIES, ARCHIVES, IMPORTS)


def fresh(prefix: str, owner_id: UUID | str, suffix: str = "") -> str:
    """`fresh(ARCHIVES, user.pk, ".zip")`"""
    return f"{of_owner(prefix, owner_id)}{secrets.token_hex(16)}{suffix}"


def of_owner(prefix: str, owner_id: UUID | str) -> str:
    return f"{prefix}{owner_id}/"
