from django.urls import path

from sensors import api

urlpatterns = [
    path("sensors", api.Sensors.as_view()),
    path("sensors/<uuid:sensor_id>", api.OneSensor.as_view()),
    path("batches/<batch:batch_id>/readings", api.Readings.as_view()),
    path("ingest", api.Ingest.as_view()),
    path("ingest/<str:token>", api.IngestByAddress.as_view()),
]
