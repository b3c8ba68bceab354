from django.urls import path

from sensors import views

app_name = "sensors"
urlpatterns = [
    path("sensors/", views.shelf, name="list"),
    path("sensors/new", views.add, name="add"),
    path("sensors/<uuid:sensor_id>", views.edit, name="edit"),
    path("sensors/<uuid:sensor_id>/remove", views.remove, name="remove"),
    path("batches/<batch:batch_id>/sensors", views.of_batch, name="of-batch"),
]
