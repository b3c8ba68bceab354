from django.urls import path

from events import views

app_name = "events"
urlpatterns = [
    path("batches/<batch:batch_id>/events", views.record, name="record"),
    path("events/<uuid:event_id>/edit", views.correct, name="correct"),
    path("events/<uuid:event_id>/withdraw", views.withdraw, name="withdraw"),
]
