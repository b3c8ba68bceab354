from django.urls import path

from batches import api

urlpatterns = [
    path("batches", api.Batches.as_view()),
    path("batches/<batch:batch_id>", api.OneBatch.as_view()),
    path("batches/<batch:batch_id>/bottle", api.Bottles.as_view()),
    path("batches/<batch:batch_id>/forecast", api.BatchForecast.as_view()),
    path("batches/<batch:batch_id>/qr.svg", api.QRCode.as_view()),
    path("batches/<batch:batch_id>/qr.png", api.QRPicture.as_view()),
    path("me/deletions", api.Deletions.as_view()),
    path("public/b/<batch:batch_id>", api.PublicSummary.as_view()),
]
