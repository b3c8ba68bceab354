"""The policies in docs/operations.md allow what we do, and nothing that we do not."""

import ast
import io
import json
import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from kefir import bucket
from kefir.bucket import connection
from tests.bucket.http import send

ROOT = Path(__file__).parent.parent.parent
# What Amazon asks for each operation. Source: “Actions, resources, and condition keys for Amazon S3”.
NEEDS = {
    "head_object": {"s3:GetObject", "s3:ListBucket"},  # to be told that something is not there
    "get_object": {"s3:GetObject"},
    "put_object": {"s3:PutObject"},
    "upload_fileobj": {"s3:PutObject", "s3:AbortMultipartUpload"},
    "copy_object": {"s3:GetObject", "s3:PutObject"},
    "delete_objects": {"s3:DeleteObject", "s3:DeleteObjectVersion"},
    "list_object_versions": {"s3:ListBucketVersions"},
    "list_objects_v2": {"s3:ListBucket"},
    "head_bucket": {"s3:ListBucket"},
    "get_public_access_block": {"s3:GetBucketPublicAccessBlock"},
    "put_public_access_block": {"s3:PutBucketPublicAccessBlock"},
    "get_bucket_versioning": {"s3:GetBucketVersioning"},
    "put_bucket_versioning": {"s3:PutBucketVersioning"},
    "get_bucket_encryption": {"s3:GetEncryptionConfiguration"},
    "put_bucket_encryption": {"s3:PutEncryptionConfiguration"},
    "get_bucket_cors": {"s3:GetBucketCORS"},
    "put_bucket_cors": {"s3:PutBucketCORS"},
    "get_bucket_lifecycle_configuration": {"s3:GetLifecycleConfiguration"},
    "put_bucket_lifecycle_configuration": {"s3:PutLifecycleConfiguration"},
}
ASKING = {"_ask", "_bucket", "_read", "get_paginator"}


def operations(module):
    """The operations of S3 that a module names: those it asks for, and those it calls on the client."""
    tree = ast.parse((ROOT / "kefir/bucket" / module).read_text())
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in ASKING and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value
        elif ast.unparse(node.func).startswith("client().") and name not in {*ASKING, "paginate"}:
            yield name


def policy(name):
    text = (ROOT / "docs/operations.md").read_text()
    return json.loads(re.search(rf"```json {name}\n(.*?)```", text, re.DOTALL)[1])


def allowed(name):
    return {action for statement in policy(name)["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize(
    ("name", "module"),
    [("app", "objects.py"), ("prepare_bucket", "preparing.py")],
    ids=["app", "prepare_bucket"],
)
class TestPolicy:
    def test_allows_what_we_do_and_no_more(self, name, module):
        needed = set().union(*(NEEDS[operation] for operation in operations(module)))
        assert needed == allowed(name)

    def test_is_about_one_bucket(self, name, module):
        of_whom = {resource for each in policy(name)["Statement"] for resource in each["Resource"]}
        assert of_whom <= {"arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"}


def test_every_call_to_the_bucket_is_looked_at():
    modules = [path.name for path in (ROOT / "kefir/bucket").glob("*.py") if list(operations(path.name))]
    assert sorted(modules) == ["objects.py", "preparing.py"]


@pytest.fixture
def somebody(ceph, settings):
    """A user to whom the app's policy gives what it gives, and nobody else anything."""
    user = ceph.make_user()
    given = policy("app")
    for statement in given["Statement"]:
        statement["Principal"] = {"AWS": [f"arn:aws:iam:::user/{user.name}"]}
        # For deleting many at once, this Ceph looks at what may be done to the bucket.
        statement["Resource"] = [f"arn:aws:s3:::{settings.S3_BUCKET}{where}" for where in ("", "/*")]
    connection.client().put_bucket_policy(Bucket=settings.S3_BUCKET, Policy=json.dumps(given))
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = user.access_key, user.secret_key
    return user


@pytest.mark.usefixtures("somebody")
class TestWhomThePolicyIsGiven:
    def test_can_do_all_that_kefir_does(self):
        address, headers = bucket.presign_put("incoming/a", content_type="image/png", size=1, seconds=60)
        assert send("PUT", address, b"x", **headers).status == 200
        etag = bucket.head("incoming/a").etag
        bucket.copy("incoming/a", "originals/a", content_type="image/png", etag=etag)
        bucket.put_file("archives/a.zip", io.BytesIO(bytes(9_000_000)), content_type="application/zip")
        assert bucket.read("originals/a", first=10) == b"x"
        bucket.delete(["incoming/a", "archives/a.zip"])
        assert list(bucket.list_keys("")) == ["originals/a"]

    def test_is_told_what_is_not_there(self):
        assert bucket.head("incoming/nothing") is None

    @pytest.mark.parametrize(
        ("operation", "how"),
        [
            ("put_bucket_acl", {"ACL": "public-read"}),
            ("put_bucket_policy", {"Policy": "{}"}),
            ("delete_bucket", {}),
            ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Suspended"}}),
        ],
    )
    def test_can_do_nothing_else(self, settings, operation, how):
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(connection.client(), operation)(Bucket=settings.S3_BUCKET, **how)
