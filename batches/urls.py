from django.urls import path

from batches import bottle_views, grain_views, kitchen_views, record_views, views

app_name = "batches"
urlpatterns = [
    path("batches/", views.shelf, name="list"),
    path("batches/records/", record_views.records, name="records"),
    path("batches/new", views.start, name="start"),
    path("batches/<batch:batch_id>", views.detail, name="detail"),
    path("batches/<batch:batch_id>/edit", views.edit, name="edit"),
    path("batches/<batch:batch_id>/bottle", bottle_views.bottle, name="bottle"),
    path("batches/<batch:batch_id>/move", views.move, name="move"),
    path("batches/<batch:batch_id>/archive", views.archive, name="archive"),
    path("batches/<batch:batch_id>/restore", views.restore, name="restore"),
    path("batches/<batch:batch_id>/share", views.share, name="share"),
    path("batches/<batch:batch_id>/unshare", views.unshare, name="unshare"),
    path("batches/<batch:batch_id>/code", views.code, name="code"),
    path("batches/<batch:batch_id>/code.svg", views.code_svg, name="code-svg"),
    path("batches/<batch:batch_id>/code.png", views.code_png, name="code-png"),
    path("undo/<uuid:undo_id>", views.undo, name="undo"),
    path("grains/", grain_views.shelf, name="all-grains"),
    path("grains/new", grain_views.keep, name="keep-grains"),
    path("grains/<uuid:grains_id>", grain_views.detail, name="grains"),
    path("grains/<uuid:grains_id>/edit", grain_views.edit, name="edit-grains"),
    path("grains/<uuid:grains_id>/weigh", grain_views.weigh, name="weigh-grains"),
    path(
        "grains/<uuid:grains_id>/weights/<uuid:weighing_id>/remove",
        grain_views.unweigh,
        name="unweigh-grains",
    ),
    path("grains/<uuid:grains_id>/stand", grain_views.stand, name="stand-grains"),
    path("grains/<uuid:grains_id>/feed", grain_views.feed, name="feed-grains"),
    path("grains/<uuid:grains_id>/renew", grain_views.renew, name="renew-grains"),
    path("grains/<uuid:grains_id>/remove", grain_views.remove, name="remove-grains"),
    path("grains/<uuid:grains_id>/away", grain_views.away_plan, name="away-grains"),
    path("settings/kitchen/", kitchen_views.kitchen, name="kitchen"),
    path("b/<batch:batch_id>", views.scan, name="scan"),
    # The code says it in capitals, which makes it smaller.
    path("B/<batch:batch_id>", views.scan),
]
