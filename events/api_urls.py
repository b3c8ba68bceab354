from django.urls import path

from events import api

urlpatterns = [
    path("batches/<batch:batch_id>/events", api.Events.as_view()),
    path("me/events", api.MyEvents.as_view()),
    path("events/<uuid:event_id>", api.OneEvent.as_view()),
]
