from django.urls import path

from tags import label_views, views

app_name = "tags"
urlpatterns = [
    path("j/<jar:code>", views.scan, name="scan"),
    # The code says it in capitals, which makes it smaller.
    path("J/<jar:code>", views.scan),
    path("tags/", views.shelf, name="list"),
    path("tags/new", views.add, name="add"),
    path("tags/blanks", views.blanks, name="blanks"),
    path("tags/<uuid:tag_id>", views.detail, name="detail"),
    path("tags/<uuid:tag_id>/code.svg", views.code_svg, name="code-svg"),
    path("tags/<uuid:tag_id>/start", views.start, name="start"),
    path("tags/<uuid:tag_id>/renew", views.renew, name="renew"),
    path("tags/<uuid:tag_id>/give-up", views.give_up, name="give-up"),
    path("labels/", label_views.choose, name="labels"),
    path("labels/<uuid:sheet_id>", label_views.sheet, name="sheet"),
    path("labels/<uuid:sheet_id>/print", label_views.pages, name="sheet-pages"),
    path("labels/<uuid:sheet_id>/sheet.css", label_views.style, name="sheet-css"),
    path("labels/<uuid:sheet_id>/labels.pdf", label_views.as_pdf, name="sheet-pdf"),
    path("batches/<batch:batch_id>/tags", views.of_batch, name="of-batch"),
]
