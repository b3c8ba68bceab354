from django.urls import path

from batches import api, grain_api

urlpatterns = [
    path("batches", api.Batches.as_view()),
    path("batches/<batch:batch_id>", api.OneBatch.as_view()),
    path("batches/<batch:batch_id>/bottle", api.Bottles.as_view()),
    path("batches/<batch:batch_id>/forecast", api.BatchForecast.as_view()),
    path("batches/<batch:batch_id>/qr.svg", api.QRCode.as_view()),
    path("batches/<batch:batch_id>/qr.png", api.QRPicture.as_view()),
    path("grains", grain_api.AllGrains.as_view()),
    path("grains/<uuid:grains_id>", grain_api.OneGrains.as_view()),
    path("grains/<uuid:grains_id>/fed", grain_api.Fed.as_view()),
    path("grains/<uuid:grains_id>/renewed", grain_api.Renewed.as_view()),
    path("grains/<uuid:grains_id>/weights", grain_api.Weights.as_view()),
    path("grains/<uuid:grains_id>/weights/<uuid:weighing_id>", grain_api.OneWeight.as_view()),
    path("grains/<uuid:grains_id>/away", grain_api.Away.as_view()),
    path("me/deletions", api.Deletions.as_view()),
    path("public/b/<batch:batch_id>", api.PublicSummary.as_view()),
]
