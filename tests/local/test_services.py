"""The embedded PostgreSQL, Valkey and S3 server, as the app meets them."""

import os
import stat
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import botocore.exceptions
import psycopg
import pytest
import redis

from tests.local.instances import Instance, launched
from tests.local.users import NOBODY, needs_root, ordinary_user

TYPE = {"Content-Type": "image/png"}


def s3(variables: dict[str, str], **changes: str) -> Any:
    settings = {
        "endpoint_url": variables["S3_ENDPOINT_URL"],
        "region_name": variables["S3_REGION"],
        "aws_access_key_id": variables["S3_ACCESS_KEY_ID"],
        "aws_secret_access_key": variables["S3_SECRET_ACCESS_KEY"],
    }
    as_the_app = botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"})
    return boto3.client("s3", config=as_the_app, **{**settings, **changes})


def put(variables: dict[str, str]) -> None:
    """Something of each kind."""
    with psycopg.connect(variables["DATABASE_URL"]) as connection:
        connection.execute("create table kept as select 'milk kefir' as name")
    redis.Redis.from_url(variables["REDIS_URL"]).rpush("queue", "hint")
    s3(variables).put_object(Bucket=variables["S3_BUCKET"], Key="jar.png", Body=b"picture")


def found(variables: dict[str, str]) -> tuple[Any, ...]:
    with psycopg.connect(variables["DATABASE_URL"]) as connection:
        row = connection.execute("select name from kept").fetchone()
    hint = redis.Redis.from_url(variables["REDIS_URL"]).lrange("queue", 0, -1)
    picture = s3(variables).get_object(Bucket=variables["S3_BUCKET"], Key="jar.png")["Body"].read()
    return row, hint, picture


KEPT = (("milk kefir",), [b"hint"], b"picture")


class TestData:
    def test_is_there_again_at_the_next_start(self, root: Path):
        with launched(root, fresh=True) as first:
            first.wait_for()
            put(first.variables())
            assert first.stop() == 130
            assert first.leftovers() == []
        begun = time.monotonic()
        with launched(root) as second:
            second.wait_for()
            assert time.monotonic() - begun < 5
            assert found(second.variables()) == KEPT

    def test_survives_kill_9_of_the_supervisor_and_nothing_else_does(self, root: Path):
        with launched(root) as first:
            first.wait_for()
            put(first.variables())
            time.sleep(1.1)  # Valkey writes to its disk once a second
            first.process.kill()
            # At once: the port, the lock and the folders are free as soon as they are asked for.
            with launched(root, environment={"PORT": str(first.port)}) as second:
                second.wait_for()
                assert found(second.variables()) == KEPT
                assert second.stop() == 130
            assert second.leftovers() == []

    def test_leaves_no_process_behind_after_kill_9(self, root: Path):
        with launched(root) as instance:
            instance.wait_for()
            assert len(instance.leftovers()) > 3
            instance.process.kill()
            _wait_until(lambda: not instance.leftovers())


class TestStalePid:
    def test_of_an_innocent_process_is_not_believed(self, root: Path):
        with launched(root) as instance:
            instance.wait_for()
            instance.stop()
        data = instance.data / "postgres"
        innocent = subprocess.Popen(["sleep", "60"], **_as_owner(instance))
        try:
            (data / "postmaster.pid").write_text(f"{innocent.pid}\n{data}\n", encoding="utf-8")
            with launched(root) as again:
                again.wait_for()
            assert innocent.poll() is None
        finally:
            innocent.kill()
            innocent.wait()

    def test_of_an_orphaned_server_has_it_ended_first(self, root: Path):
        with launched(root) as instance:
            instance.wait_for()
            put(instance.variables())
            server = _postmaster(instance)
            command = Path(f"/proc/{server}/cmdline").read_bytes().split(b"\0")[:-1]
            instance.stop()
        orphan = subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL, **_as_owner(instance))
        _wait_until((instance.data / "postgres" / "postmaster.pid").exists)
        with launched(root) as again:
            again.wait_for()
            assert orphan.wait(1) == 0
            assert found(again.variables()) == KEPT


def _as_owner(instance: Instance) -> dict[str, Any]:
    owner = (instance.data / "postgres").stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}


def _postmaster(instance: Instance) -> int:
    first_line, *_ = (instance.data / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split()
    return int(first_line)


def _wait_until(so: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class TestInstances:
    def test_live_side_by_side(self, root: Path):
        with launched(root, data=root / "one") as one, launched(root, data=root / "two") as two:
            one.wait_for()
            two.wait_for()
            put(one.variables())
            with pytest.raises(psycopg.errors.UndefinedTable):
                found(two.variables())
            assert one.stop() == 130
            put(two.variables())

    def test_may_have_a_folder_too_deep_for_a_socket(self, root: Path):
        with launched(root, data=root / ("a" * 40) / ("b" * 60)) as instance:
            instance.wait_for()
            put(instance.variables())
            elsewhere = Path(instance.variables()["REDIS_URL"].removeprefix("unix://")).parent
            assert instance.stop() == 130
        assert not elsewhere.exists()


class TestUsers:
    def test_may_be_ordinary(self, root: Path):
        with launched(root, fresh=True, **ordinary_user(root)) as instance:
            instance.wait_for()
            put(instance.variables())
            assert found(instance.variables()) == KEPT
            assert instance.stop() == 130
            assert instance.leftovers() == []

    @needs_root
    def test_may_be_root_in_a_folder_closed_to_others(self, root: Path):
        closed = root / "closed"
        closed.mkdir(mode=0o700)
        with launched(root, data=closed / "var", fresh=True) as instance:
            instance.wait_for()
            put(instance.variables())
            assert Path(f"/proc/{_postmaster(instance)}").stat().st_uid == NOBODY.pw_uid
            instance.process.kill()
            instance.wait()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        _wait_until(lambda: not instance.leftovers())


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """One for those who only look at it."""
    root = tmp_path_factory.mktemp("looked-at")
    with launched(root, environment={"SECRET_KEY": "said before", "PGPORT": "1"}) as instance:
        instance.wait_for()
        yield instance


class TestEnvironment:
    def test_can_be_had_in_another_terminal(self, instance: Instance):
        script = '. "$1"; exec python -c "import os, psycopg; psycopg.connect(os.environ[\'DATABASE_URL\'])"'
        subprocess.run(["/bin/sh", "-c", script, "sh", instance.data / "env"], check=True)

    def test_keeps_what_was_set(self, instance: Instance):
        assert instance.variables()["SECRET_KEY"] == "said before"

    def test_is_hidden_from_others(self, instance: Instance):
        private = ["env", "lock", "secrets", "secrets/JWT_KEY", "postgres", "valkey", "s3", "postgres.log"]
        open_to_others = [name for name in private if (instance.data / name).stat().st_mode & 0o077]
        assert open_to_others == []

    def test_has_no_secret_on_a_command_line(self, instance: Instance):
        secret = instance.variables()["S3_SECRET_ACCESS_KEY"].encode()
        for pid in instance.leftovers():
            assert secret not in Path(f"/proc/{pid}/cmdline").read_bytes()


class TestS3:
    def test_takes_what_was_signed(self, instance: Instance):
        address = _signed(instance, "small.png", length=4)
        assert _send("PUT", address, b"jar!", TYPE) == 200
        assert s3(instance.variables()).head_object(Bucket="kefir", Key="small.png")["ContentLength"] == 4

    @pytest.mark.parametrize(
        ("body", "headers"),
        [(b"jars!", TYPE), (b"jar!", {"Content-Type": "text/html"})],
        ids=["a longer body", "another type"],
    )
    def test_refuses_what_was_not_signed(self, instance: Instance, body: bytes, headers: dict[str, str]):
        assert _send("PUT", _signed(instance, "other.png", length=4), body, headers) == 403

    def test_refuses_an_address_without_its_signature(self, instance: Instance):
        address = _signed(instance, "plain.png", length=4).partition("?")[0]
        assert _send("PUT", address, b"jar!", TYPE) in {400, 403}
        assert _send("GET", address) in {400, 403}

    def test_refuses_a_wrong_secret(self, instance: Instance):
        client = s3(instance.variables(), aws_secret_access_key="wrong")
        with pytest.raises(botocore.exceptions.ClientError, match="SignatureDoesNotMatch"):
            client.list_objects_v2(Bucket="kefir")

    def test_lets_a_page_of_another_origin_upload(self, instance: Instance):
        asked = {"Origin": "http://localhost:8000", "Access-Control-Request-Method": "PUT"}
        assert _send("OPTIONS", _signed(instance, "jar.png", length=4), headers=asked) == 200


def _signed(instance: Instance, key: str, *, length: int) -> str:
    what = {"Bucket": "kefir", "Key": key, "ContentLength": length, "ContentType": TYPE["Content-Type"]}
    address: str = s3(instance.variables()).generate_presigned_url("put_object", Params=what, ExpiresIn=60)
    return address


def _send(method: str, address: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> int:
    request = urllib.request.Request(address, body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
