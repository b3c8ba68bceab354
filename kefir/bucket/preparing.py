"""How the bucket must be set up, and setting it up so. What others set up there is left as it is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from kefir.bucket import connection, retention
from kefir.bucket.connection import client, speaking
from kefir.bucket.failures import NotThere
from kefir.bucket.retention import Rule

RIGHT, CHANGED, WRONG, UNSUPPORTED = "right", "changed", "wrong", "unsupported"
PRIVATE = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
# Ceph, told to refuse what says it is public, refuses every upload; told to ignore that word, it keeps all private.
PRIVATE_IN_CEPH = PRIVATE | {"BlockPublicAcls": False}
ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
SCRIPTS = "kefir-scripts"
NOT_SET = {
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
}
# rclone takes a setting that it does not know for the wish to make the bucket.
UNKNOWN = connection.UNSUPPORTED | {"BucketAlreadyExists"}
NO_SUCH_CLASS = {"InvalidArgument", "InvalidStorageClass", "InvalidRequest", "MalformedXML"}


@dataclass(frozen=True)
class Finding:
    what: str
    outcome: str


@dataclass(frozen=True)
class Setting:
    """One thing to be so: how to see whether it is, and how to make it so."""

    what: str
    is_so: Callable[[], bool]
    make_so: Callable[[], Any]
    refusals: frozenset[str] = frozenset()
    """What a server that cannot do it says beside what all say."""


def prepare(*, origins: Iterable[str], originals_days: int, only_look: bool) -> Iterator[Finding]:
    """What was found, and, unless we only look, made right. Twice is once."""
    with speaking(f"the settings of {settings.S3_BUCKET}"):
        bucket = _must_be_there()
        for setting in (_private(bucket), _versioned(), _encrypted(), _open_to(sorted(set(origins)))):
            yield Finding(setting.what, _outcome(setting, only_look=only_look))
        yield from _lifecycle(retention.rules(originals_days), only_look=only_look)


def _outcome(setting: Setting, *, only_look: bool) -> str:
    try:
        if setting.is_so():
            return RIGHT
        if not only_look:
            setting.make_so()
    except ClientError as error:
        if _code(error) not in UNKNOWN | setting.refusals:
            raise
        return UNSUPPORTED
    return WRONG if only_look else CHANGED


def _must_be_there() -> dict[str, Any]:
    try:
        return _bucket("head_bucket")
    except ClientError as error:
        if _code(error) not in {"404", "NoSuchBucket"}:
            raise
        raise NotThere(f"There is no bucket {settings.S3_BUCKET}; make it first.", permanent=True) from None


def _private(bucket: dict[str, Any]) -> Setting:
    wanted = PRIVATE_IN_CEPH if _is_ceph(bucket) else PRIVATE

    def is_so() -> bool:
        found = _read("get_public_access_block", "PublicAccessBlockConfiguration")
        return bool(found == wanted)

    return Setting(
        "Nothing in it can be made public",
        is_so,
        lambda: _bucket("put_public_access_block", PublicAccessBlockConfiguration=wanted),
    )


def _is_ceph(bucket: dict[str, Any]) -> bool:
    return any(name.startswith("x-rgw-") for name in bucket["ResponseMetadata"]["HTTPHeaders"])


def _versioned() -> Setting:
    enabled = {"Status": "Enabled"}
    return Setting(
        "What is overwritten or deleted is kept as an old version",
        lambda: _read("get_bucket_versioning", "Status") == "Enabled",
        lambda: _bucket("put_bucket_versioning", VersioningConfiguration=enabled),
    )


def _encrypted() -> Setting:
    """By whichever key: yours is as good as the store's own."""
    return Setting(
        "What is stored is encrypted",
        lambda: bool(
            (_read("get_bucket_encryption", "ServerSideEncryptionConfiguration") or {}).get("Rules")
        ),
        lambda: _bucket("put_bucket_encryption", ServerSideEncryptionConfiguration=ENCRYPTED),
        # Ceph, where no vault for the keys was set up.
        refusals=frozenset({"InvalidArgument"}),
    )


def _open_to(origins: list[str]) -> Setting:
    wanted: Rule = {
        "ID": SCRIPTS,
        "AllowedOrigins": origins,
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedHeaders": ["content-type"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3600,
    }

    def is_so() -> bool:
        return _sorted(wanted) in [_sorted(rule) for rule in _cors_rules()]

    def make_so() -> None:
        rules = [*(rule for rule in _cors_rules() if rule.get("ID") != SCRIPTS), wanted]
        _bucket("put_bucket_cors", CORSConfiguration={"CORSRules": rules})

    return Setting(f"Scripts of {' and '.join(origins)} may put and get what is signed", is_so, make_so)


def _cors_rules() -> list[Rule]:
    return _read("get_bucket_cors", "CORSRules") or []


def _sorted(rule: Rule) -> Rule:
    return {name: sorted(value) if isinstance(value, list) else value for name, value in rule.items()}


def _lifecycle(wanted: dict[str, Rule], *, only_look: bool) -> Iterator[Finding]:
    try:
        outcomes = _outcomes(wanted, only_look=only_look)
    except ClientError as error:
        if _code(error) not in UNKNOWN:
            raise
        outcomes = dict.fromkeys(wanted, UNSUPPORTED)
    yield from (Finding(what, outcome) for what, outcome in outcomes.items())


def _outcomes(wanted: dict[str, Rule], *, only_look: bool) -> dict[str, str]:
    """All rules are written at once: a store may take its time until it shows what was written."""
    found = _read("get_bucket_lifecycle_configuration", "Rules") or []
    outcomes = {what: RIGHT if retention.has(found, rule) else WRONG for what, rule in wanted.items()}
    for name in retention.no_more_wanted(found, wanted.values()):
        outcomes[f"Our former rule “{name}” is gone"] = WRONG
    if only_look or WRONG not in outcomes.values():
        return outcomes
    refused = _write(retention.of_others(found), list(wanted.values()))
    made = {what: CHANGED if outcome == WRONG else outcome for what, outcome in outcomes.items()}
    return made | {what: UNSUPPORTED for what, rule in wanted.items() if rule in refused}


def _write(others: list[Rule], ours: list[Rule]) -> list[Rule]:
    """The rules that this server does not take: not each has a class of storage for what is seldom asked for."""
    try:
        _bucket("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": [*others, *ours]})
    except ClientError as error:
        moving = [rule for rule in ours if retention.moves(rule)]
        if not moving or _code(error) not in NO_SUCH_CLASS:
            raise
        return moving + _write(others, [rule for rule in ours if rule not in moving])
    return []


def _read(operation: str, field: str) -> Any:
    try:
        return _bucket(operation).get(field)
    except ClientError as error:
        if _code(error) not in NOT_SET:
            raise
        return None


def _bucket(operation: str, **how: Any) -> dict[str, Any]:
    answer: dict[str, Any] = getattr(client(), operation)(Bucket=settings.S3_BUCKET, **how)
    return answer


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
