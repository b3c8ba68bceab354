"""A bucket that does not let go of some objects, as one does that holds them for the law."""

from collections.abc import Iterable
from typing import Any

from kefir.bucket import connection, objects


def keeps(monkeypatch: Any, *keys: str) -> None:
    """It answers as S3 does: the others are deleted, and of these it says why not."""
    real = connection.client()

    def delete_objects(*, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 theirs
        asked = Delete["Objects"]
        allowed = [one for one in asked if one["Key"] not in keys]
        if allowed:
            real.delete_objects(Bucket=Bucket, Delete=Delete | {"Objects": allowed})
        return {"Errors": errors_of(one["Key"] for one in asked if one["Key"] in keys)}

    class Keeping:
        def __getattr__(self, name: str) -> Any:
            return delete_objects if name == "delete_objects" else getattr(real, name)

    monkeypatch.setattr(objects, "client", Keeping)


def errors_of(keys: Iterable[str]) -> list[dict[str, str]]:
    return [{"Key": key, "Code": "AccessDenied"} for key in keys]
