"""What signing the addresses of one page of photos costs, beside boto3, which signs the same."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from uuid import uuid4

from django.conf import settings

from bench.results import Report, interleaved
from kefir import bucket
from kefir.bucket import connection

COUNT = 50
PAGES = 20
ROUNDS = 9


def measure() -> Report:
    report = Report("presign")
    settings.S3_BUCKET, settings.S3_REGION = "photos", "eu-central-1"
    settings.S3_ENDPOINT_URL = settings.S3_PUBLIC_URL = ""
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "AKIDEXAMPLE", "a" * 40
    said = interleaved(
        report, ROUNDS, ours=partial(for_a_page, by_ourselves), boto3=partial(for_a_page, by_boto3)
    )
    ours, boto3 = statistics.median(said["ours"]), statistics.median(said["boto3"])
    report.add(f"{COUNT} signed addresses", ours, "ms CPU", at_most=0.5, rounds=said["ours"])
    report.add(f"{COUNT} by boto3", boto3, "ms CPU", rounds=said["boto3"])
    report.add("boto3, as many times as long", boto3 / ours)
    return report


def for_a_page(sign: Callable[[list[str]], None]) -> float:
    """Milliseconds of processor time; each page has photos that were never signed before."""
    pages = [
        [bucket.keys.fresh(bucket.keys.COPIES, uuid4(), "/thumb.webp") for _ in range(COUNT)]
        for _ in range(PAGES)
    ]
    sign(pages[0])
    begun = time.process_time()
    for keys in pages:
        sign(keys)
    return (time.process_time() - begun) * 1000 / PAGES


def by_ourselves(keys: list[str]) -> None:
    bucket.presign_gets(keys, content_type="image/webp", seconds=900)


def by_boto3(keys: list[str]) -> None:
    sign = connection.client().generate_presigned_url
    how = {"Bucket": settings.S3_BUCKET, "ResponseContentType": "image/webp"}
    how["ResponseContentDisposition"] = "inline"
    for key in keys:
        sign("get_object", Params={**how, "Key": key}, ExpiresIn=900)
