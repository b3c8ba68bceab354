"""How long what is in the bucket is kept at most, as the rules of its lifecycle. Pure.

A job of ours takes most of it away sooner; these hold also when nothing of us runs.
"""

from collections.abc import Iterable
from typing import Any

from kefir.bucket import keys

Rule = dict[str, Any]

OURS = "kefir-"
DAYS = {keys.INCOMING: 2, keys.IMPORTS: 2, keys.ARCHIVES: 8}
INCOMPLETE_DAYS = 7
INFREQUENT_AFTER_DAYS = 30
OLD_VERSIONS_DAYS = 90


def rules(originals_days: int) -> dict[str, Rule]:
    """{what is so: the rule that makes it so}. Without days, originals are kept."""
    expiring = DAYS | ({keys.ORIGINALS: originals_days} if originals_days else {})
    return {
        f"An upload that broke off goes after {INCOMPLETE_DAYS} days": _incomplete(),
        f"Old versions go after {OLD_VERSIONS_DAYS} days": _old_versions(),
        f"Old versions move to infrequent access after {INFREQUENT_AFTER_DAYS} days": _infrequent(),
    } | {
        f"What is under {prefix} goes after {days} days": _expiring(prefix, days)
        for prefix, days in expiring.items()
    }


def has(found: Iterable[Rule], wanted: Rule) -> bool:
    return any(_modern(rule) == wanted for rule in found)


def of_others(found: Iterable[Rule]) -> list[Rule]:
    # The former place of a prefix is not allowed beside the new one.
    return [_modern(rule) for rule in found if not rule.get("ID", "").startswith(OURS)]


def no_more_wanted(found: Iterable[Rule], wanted: Iterable[Rule]) -> list[str]:
    names = {rule["ID"] for rule in wanted}
    ours = [rule["ID"] for rule in found if rule.get("ID", "").startswith(OURS)]
    return [name for name in ours if name not in names]


def moves(rule: Rule) -> bool:
    return "NoncurrentVersionTransitions" in rule


def _incomplete() -> Rule:
    return _rule("uploads", "", AbortIncompleteMultipartUpload={"DaysAfterInitiation": INCOMPLETE_DAYS})


def _old_versions() -> Rule:
    return _rule(
        "old-versions",
        "",
        NoncurrentVersionExpiration={"NoncurrentDays": OLD_VERSIONS_DAYS},
        # Of what was deleted a mark stays, until its last version is gone.
        Expiration={"ExpiredObjectDeleteMarker": True},
    )


def _infrequent() -> Rule:
    move = {"NoncurrentDays": INFREQUENT_AFTER_DAYS, "StorageClass": "STANDARD_IA"}
    return _rule("old-versions-elsewhere", "", NoncurrentVersionTransitions=[move])


def _expiring(prefix: str, days: int) -> Rule:
    more = {} if prefix == keys.ORIGINALS else {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    return _rule(prefix.strip("/"), prefix, Expiration={"Days": days}, **more)


def _rule(name: str, prefix: str, **what: Any) -> Rule:
    return {"ID": f"{OURS}{name}", "Status": "Enabled", "Filter": {"Prefix": prefix}, **what}


def _modern(rule: Rule) -> Rule:
    """Some servers give the prefix back at its former place."""
    rest = {name: value for name, value in rule.items() if name != "Prefix"}
    return {"Filter": {"Prefix": rule.get("Prefix", "")}} | rest
