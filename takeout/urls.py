from django.urls import path

from takeout import demo_views, views

app_name = "takeout"
urlpatterns = [
    path("export.csv", views.csv, name="csv"),
    # The archive is made by a worker, so that page says when.
    path("export.zip", views.ask_for_archive, name="ask-for-archive"),
    path("settings/data/", views.data, name="data"),
    path("settings/data/archives/<uuid:export_id>", views.archive, name="archive"),
    path("settings/data/imports", views.bring, name="bring"),
    path("settings/data/imports/<uuid:import_id>", views.brought, name="brought"),
    path("trial/", demo_views.begin, name="try"),
    path("trial/keep/", demo_views.keep, name="keep"),
    path("trial/keep/code/", demo_views.keep_code, name="keep-code"),
    path("trial/choose/", demo_views.choose, name="choose"),
]
