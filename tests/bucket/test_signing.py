"""What we sign is what Amazon's own library signs."""

from datetime import UTC, datetime
from functools import cache
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from boto3.session import Session
from botocore.config import Config

from kefir.bucket.address import address_of
from kefir.bucket.signing import Credentials, Signer

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEYS = [
    "incoming/4f1c/9a.jpg",
    "a b+c.jpg",
    "größe/ß.jpg",
    "a..b/.c~d_e-f",
    "per%20cent&=?#",
    "日本/写真.jpg",
    "(brackets)!'*;:@$,",
]
PLACES = [
    pytest.param("photos", "", id="amazon"),
    pytest.param("photos.example.org", "", id="amazon, a dotted bucket"),
    pytest.param("photos", "http://127.0.0.1:9000", id="another server"),
    pytest.param("photos", "https://s3.example.org", id="another server over https"),
]


def signer(bucket="photos", url="", token="", *, seconds=300, region="eu-central-1", now=NOON):
    return Signer(
        address_of(bucket, region=region, url=url),
        Credentials(KEY, SECRET, token),
        region=region,
        now=now,
        seconds=seconds,
    )


@cache
def boto3_client(bucket, url, token):
    style = "path" if url or "." in bucket else "virtual"
    return Session().client(
        "s3",
        endpoint_url=url or None,
        region_name="eu-central-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        aws_session_token=token or None,
        config=Config(signature_version="s3v4", s3={"addressing_style": style}),
    )


def theirs(operation, url, token="", bucket="photos", **parameters):
    parameters["Bucket"] = bucket
    with time_machine.travel(NOON, tick=False):
        return boto3_client(bucket, url, token).generate_presigned_url(
            operation, Params=parameters, ExpiresIn=300
        )


def parts(address):
    """The order of a query is no matter to who checks it."""
    split = urlsplit(address)
    return split.scheme, split.netloc, split.path, dict(parse_qsl(split.query, strict_parsing=True))


@pytest.mark.parametrize(("bucket", "url"), PLACES)
@pytest.mark.parametrize("token", ["", "IQoJ/b3+JpZ2lu=="], ids=["keys", "a role"])
class TestSigner:
    @pytest.mark.parametrize("key", KEYS)
    def test_signs_a_put_as_boto3_does(self, bucket, url, token, key):
        ours = signer(bucket, url, token).put(key, content_type="image/jpeg", size=1234)
        boto3 = theirs(
            "put_object", url, token, bucket, Key=key, ContentType="image/jpeg", ContentLength=1234
        )
        assert parts(ours) == parts(boto3)

    @pytest.mark.parametrize("key", KEYS)
    def test_signs_a_get_as_boto3_does(self, bucket, url, token, key):
        disposition = "attachment; filename*=utf-8''J%C3%BCrgen%20%2B%20jar.jpg"
        ours = signer(bucket, url, token).get(key, content_type="image/webp", disposition=disposition)
        boto3 = theirs(
            "get_object",
            url,
            token,
            bucket,
            Key=key,
            ResponseContentType="image/webp",
            ResponseContentDisposition=disposition,
        )
        assert parts(ours) == parts(boto3)


class TestSecrets:
    def test_are_not_said_when_something_goes_wrong(self):
        assert repr(Credentials(KEY, SECRET, "token")) == f"Credentials(access_key='{KEY}')"

    @pytest.mark.parametrize("seconds", [0, -1, 604_801])
    def test_sign_nothing_for_longer_than_a_server_accepts(self, seconds):
        with pytest.raises(ValueError, match="604800"):
            signer(seconds=seconds)

    def test_sign_anew_the_next_day(self):
        today, tomorrow = (
            signer(now=NOON.replace(day=day)).put("k", content_type="a/b", size=1) for day in (20, 21)
        )
        assert today.rpartition("=")[2] != tomorrow.rpartition("=")[2]


class TestAddress:
    @pytest.mark.parametrize(
        ("bucket", "region", "url", "expected"),
        [
            ("photos", "eu-central-1", "", "https://photos.s3.eu-central-1.amazonaws.com/k"),
            ("photos", "cn-north-1", "", "https://photos.s3.cn-north-1.amazonaws.com.cn/k"),
            ("my.photos", "us-east-1", "", "https://s3.us-east-1.amazonaws.com/my.photos/k"),
            ("photos", "auto", "https://S3.example:443", "https://s3.example/photos/k"),
            ("photos", "auto", "http://s3.example:80/", "http://s3.example/photos/k"),
            ("photos", "auto", "http://[::1]:9000", "http://[::1]:9000/photos/k"),
        ],
    )
    def test_is_where_a_browser_goes(self, bucket, region, url, expected):
        assert address_of(bucket, region=region, url=url).of("k") == expected
