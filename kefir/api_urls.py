"""The API's map, below /api/v1/. No trailing slashes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import include, path
from django.utils import translation
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView


def in_one_language(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A document that programs are written by is the same for everybody."""

    @wraps(view)
    def told(*args: Any, **kwargs: Any) -> HttpResponseBase:
        with translation.override("en"):
            return view(*args, **kwargs)

    return told


urlpatterns = [
    # What is asked most stands first, for they are tried one after the other.
    path("", include("events.api_urls")),
    path("", include("batches.api_urls")),
    path("", include("accounts.api_urls")),
    path("", include("sensors.api_urls")),
    path("", include("tags.api_urls")),
    path("", include("reminders.api_urls")),
    path("", include("takeout.api_urls")),
    path("", include("hooks.api_urls")),
    path("openapi.json", in_one_language(SpectacularJSONAPIView.as_view()), name="openapi"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="openapi"), name="api-docs"),
]
