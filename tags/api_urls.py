from django.urls import path

from tags import api

urlpatterns = [
    path("tags", api.Tags.as_view()),
    path("tags/<uuid:tag_id>", api.OneTag.as_view()),
    path("tags/<uuid:tag_id>/code", api.Code.as_view()),
    path("tags/<uuid:tag_id>/qr.svg", api.QRCode.as_view()),
]
