"""What the addresses on a page of photos cost, as pages and the API ask for them, beside boto3: it signs the same."""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from django.conf import settings

from bench.results import Report, interleaved
from events.models import Photo
from kefir import bucket
from kefir.bucket import connection

COUNT = 50
PAGES = 20
ROUNDS = 9
COPIED_AT = datetime(2026, 3, 1, tzinfo=UTC)


def measure() -> Report:
    report = Report("presign")
    settings.S3_BUCKET, settings.S3_REGION = "photos", "eu-central-1"
    settings.S3_ENDPOINT_URL = settings.S3_PUBLIC_URL = ""
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "AKIDEXAMPLE", "a" * 40
    said = interleaved(
        report,
        ROUNDS,
        thumbnails=partial(for_a_page, thumbnails),
        both=partial(for_a_page, both),
        boto3=partial(for_a_page, by_boto3),
    )
    middle = {who: statistics.median(rounds) for who, rounds in said.items()}
    report.add(
        f"{COUNT} thumbnails, signed", middle["thumbnails"], "ms CPU", at_most=0.5, rounds=said["thumbnails"]
    )
    report.add(
        f"{COUNT} photos of the API, both addresses", middle["both"], "ms CPU", at_most=1, rounds=said["both"]
    )
    report.add(f"{COUNT} thumbnails by boto3", middle["boto3"], "ms CPU", rounds=said["boto3"])
    report.add("boto3, as many times as long", middle["boto3"] / middle["thumbnails"])
    return report


def for_a_page(sign: Callable[[list[Photo]], None]) -> float:
    """Milliseconds of processor time; each page has photos that were never signed before."""
    pages = [[copied() for _ in range(COUNT)] for _ in range(PAGES)]
    sign(pages[0])
    begun = time.process_time()
    for photos in pages:
        sign(photos)
    return (time.process_time() - begun) * 1000 / PAGES


def copied() -> Photo:
    key = bucket.keys.fresh(bucket.keys.COPIES, uuid4())
    return Photo(web_key=f"{key}/web.webp", thumbnail_key=f"{key}/thumb.webp", copied_at=COPIED_AT)


def thumbnails(photos: list[Photo]) -> None:
    for photo in photos:
        assert photo.thumbnail_url


def both(photos: list[Photo]) -> None:
    for photo in photos:
        assert photo.url
        assert photo.thumbnail_url


def by_boto3(photos: list[Photo]) -> None:
    sign = connection.client().generate_presigned_url
    how = {"Bucket": settings.S3_BUCKET, "ResponseContentType": "image/webp"}
    how["ResponseContentDisposition"] = "inline"
    for photo in photos:
        sign("get_object", Params={**how, "Key": photo.thumbnail_key}, ExpiresIn=900)
