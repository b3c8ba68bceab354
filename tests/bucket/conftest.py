"""The S3 servers that what we rely on is tried against."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kefir import bucket
from kefir.bucket import connection
from tests.bucket.ceph import Ceph, is_installed


@pytest.fixture(scope="session")
def radosgw() -> Iterator[Ceph]:
    """Started once, in about fifteen seconds."""
    if not is_installed():
        pytest.skip("there is no Ceph; on Debian: apt install radosgw ceph-mon ceph-osd ceph-common")
    folder = Path(os.environ["KEFIR_DATA"]) / "ceph"
    ceph = Ceph(folder)
    try:
        ceph.start()
        yield ceph
    finally:
        ceph.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def ceph(request: pytest.FixtureRequest, settings) -> Ceph:
    """An empty bucket in Ceph is ours."""
    ceph: Ceph = request.getfixturevalue("radosgw")
    settings.S3_ENDPOINT_URL = ceph.url
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = ceph.keeper.access_key, ceph.keeper.secret_key
    settings.S3_BUCKET = f"kefir-{secrets.token_hex(4)}"
    connection.client().create_bucket(Bucket=settings.S3_BUCKET)
    return ceph


@pytest.fixture(params=["rclone", "radosgw"])
def server(request: pytest.FixtureRequest) -> str:
    """Each of them in turn: the one of every run, and the strict one."""
    if request.param == "radosgw":
        request.getfixturevalue("ceph")
    name: str = request.param
    return name


@pytest.fixture
def prefix(server: str) -> Iterator[str]:
    """A place in the bucket that is emptied afterwards."""
    prefix = f"tests/{secrets.token_hex(4)}/"
    yield prefix
    bucket.delete(list(bucket.list_keys(prefix)))
