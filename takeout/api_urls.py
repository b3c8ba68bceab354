from django.urls import path

from takeout import api

urlpatterns = [
    path("export.csv", api.EverythingAsCSV.as_view()),
    path("exports", api.Exports.as_view()),
    path("exports/<uuid:export_id>", api.OneExport.as_view()),
    path("imports", api.Imports.as_view()),
    path("imports/<uuid:import_id>", api.OneImport.as_view()),
    path("imports/<uuid:import_id>/uploaded", api.Uploaded.as_view()),
    path("imports/<uuid:import_id>/confirm", api.Confirmed.as_view()),
]
