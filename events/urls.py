from django.urls import path

from events import views

app_name = "events"
urlpatterns = [
    path("batches/<batch:batch_id>/events", views.record, name="record"),
    path("events/<uuid:event_id>/edit", views.correct, name="correct"),
    path("events/<uuid:event_id>/withdraw", views.withdraw, name="withdraw"),
    path("batches/<batch:batch_id>/photos", views.album, name="album"),
    path("photos/<uuid:photo_id>", views.photo, name="photo"),
    path("photos/<uuid:photo_id>/cover", views.cover, name="cover"),
    path("photos/<uuid:photo_id>/remove", views.remove, name="remove"),
    path("photos/<uuid:photo_id>/original", views.original, name="original"),
]
