from django.urls import path

from takeout import views

app_name = "takeout"
urlpatterns = [
    path("export.csv", views.csv, name="csv"),
]
