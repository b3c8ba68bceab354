"""The whole map: the API, then pages, then what only machines read."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from kefir import deep_links, dev_components, dev_mail, house_views, metrics, offline_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    # First, because what stands below is tried one after the other, and the API is asked most often.
    path("api/v1/", include("kefir.api_urls")),
    path("", views.home, name="home"),
    path("", include("batches.urls")),
    path("", include("events.urls")),
    path("", include("sensors.urls")),
    path("", include("tags.urls")),
    path("", include("reminders.urls")),
    path("", include("takeout.urls")),
    path("", include("hooks.urls")),
    path("", include("live.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("metrics", metrics.metrics),
    path(".well-known/apple-app-site-association", deep_links.apple),
    path(".well-known/assetlinks.json", deep_links.android),
]
urlpatterns += [*house_views.urlpatterns, *offline_views.urlpatterns]
if settings.EMAIL_PROVIDER and settings.EMAIL_WEBHOOK_SECRET:
    urlpatterns.append(path("webhooks/email/", include("reminders.provider_urls")))
if settings.LOCAL:
    urlpatterns += [*dev_mail.urlpatterns, *dev_components.urlpatterns]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.not_found
handler500 = views.server_error
