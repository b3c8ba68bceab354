"""Where a page finds its stream, and which pages may. A rule: the settings, a host, a text in; a word out."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port  # noqa: TID251 it only takes a text apart
from django.utils.dateparse import parse_datetime

PATH = "/live/"


def stream_address(host: str) -> str:
    """Beside the pages, where a proxy leads; else at another port of the host that the page was asked for under.

    Only the same host: the browser's cookie goes along, which is the proof.
    """
    if not settings.LIVE_URL:
        return PATH
    there = urlsplit(settings.LIVE_URL)
    name, _ = split_domain_port(host)
    port = f":{there.port}" if there.port else ""
    return f"{there.scheme}://{name}{port}{PATH}"


def is_our_page(origin: str, *, host: str) -> bool:
    """An origin of the site, under the name by which the stream was asked for."""
    site = urlsplit(settings.SITE_URL)
    name, _ = split_domain_port(host)
    port = f":{site.port}" if site.port else ""
    return bool(name) and origin == f"{site.scheme}://{name}{port}"


def moment(written: str) -> datetime | None:
    """A time as we wrote it; none where it is not one."""
    try:
        at = parse_datetime(written.strip())
        # A day's distance from where the calendar ends: something is yet to be taken from it.
        return at.astimezone(UTC) if at and at.tzinfo and 1 < at.year < 9999 else None
    except ValueError:
        return None
