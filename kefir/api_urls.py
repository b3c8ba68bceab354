"""The API's map, below /api/v1/. No trailing slashes."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

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
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="openapi"), name="api-docs"),
]
