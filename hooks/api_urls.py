from django.urls import path

from hooks import api

urlpatterns = [
    path("webhooks", api.Webhooks.as_view()),
    path("webhooks/<uuid:endpoint_id>", api.OneWebhook.as_view()),
    path("webhooks/<uuid:endpoint_id>/secret", api.Secret.as_view()),
    path("webhooks/<uuid:endpoint_id>/test", api.Test.as_view()),
    path("webhooks/<uuid:endpoint_id>/deliveries", api.Deliveries.as_view()),
    path("webhooks/deliveries/<uuid:hook_delivery_id>/replay", api.Replay.as_view()),
]
