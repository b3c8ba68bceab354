from django.urls import path

from events import api

urlpatterns = [
    path("batches/<batch:batch_id>/events", api.Events.as_view()),
    path("me/events", api.MyEvents.as_view()),
    path("events/<uuid:event_id>", api.OneEvent.as_view()),
    path("batches/<batch:batch_id>/photos/upload-url", api.Uploads.as_view()),
    path("batches/<batch:batch_id>/photos", api.Photos.as_view()),
    path("photos/<uuid:photo_id>", api.OnePhoto.as_view()),
]
