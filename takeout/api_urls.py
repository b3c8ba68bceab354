from django.urls import path

from takeout import api

urlpatterns = [
    path("export.csv", api.EverythingAsCSV.as_view()),
]
