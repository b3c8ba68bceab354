from django.urls import path

from takeout import api

urlpatterns = [
    path("export.csv", api.EverythingAsCSV.as_view()),
    path("exports", api.Exports.as_view()),
    path("exports/<uuid:export_id>", api.OneExport.as_view()),
]
