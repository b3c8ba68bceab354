from django.urls import path

from hooks import views

app_name = "hooks"
urlpatterns = [
    path("settings/webhooks/", views.mine, name="list"),
    path("settings/webhooks/add", views.add, name="add"),
    path("settings/webhooks/<uuid:endpoint_id>", views.detail, name="detail"),
    path("settings/webhooks/<uuid:endpoint_id>/edit", views.edit, name="edit"),
    path("settings/webhooks/<uuid:endpoint_id>/test", views.test, name="test"),
    path("settings/webhooks/<uuid:endpoint_id>/secret", views.secret, name="secret"),
    path("settings/webhooks/<uuid:endpoint_id>/switch", views.switch, name="switch"),
    path("settings/webhooks/<uuid:endpoint_id>/remove", views.remove, name="remove"),
    path("settings/webhooks/deliveries/<uuid:hook_delivery_id>/replay", views.replay, name="replay"),
]
