"""Changing only what is still as it was read (RFC 9110, 13.1.1)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kefir.api import etags
from kefir.api.problems import Problem
from kefir.api.schema import ProblemBody

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag that was read, or several."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that was read, or several: 304 where it is still so.",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201, 304],
    description="Its version, for If-Match and If-None-Match.",
)
NOT_MODIFIED = {304: OpenApiResponse(description="It is as it was read.")}
STALE = {412: OpenApiResponse(ProblemBody, _("It has changed since."))}
NO_VERSION = 0


def version_read(request: Request, version: int) -> int | None:
    """The version that must still be there when the change is made; None where If-Match asks for none."""
    given = request.headers.get("If-Match", etags.ANY)
    if etags.named(given) == {etags.ANY}:
        return None
    return version if etags.names(given, version) else NO_VERSION


def known_already(request: Request, version: int) -> Response | None:
    """304, where whoever asks has it as it is."""
    if etags.names(request.headers.get("If-None-Match", ""), version):
        return Response(status=304, headers={"ETag": etags.tag(version)})
    return None


@contextmanager
def stale_is_412() -> Iterator[None]:
    try:
        yield
    except ValidationError as refusal:
        if getattr(refusal, "code", "") != "stale":
            raise
        raise Problem(412, "stale", refusal.messages[0]) from refusal
