"""The pages of labels: choose what and on which paper, print from the browser, or take a PDF along."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from batches.identifiers import named
from batches.models import Batch
from kefir.htmx import page_or_partial
from kefir.web import status_of, submit
from tags import orders, sheets
from tags.forms import LabelsForm
from tags.models import JarTag, LabelSheet

OFFERED = 60
REMEMBERED = ["preset", "own_paper", "own_width_mm", "own_height_mm", "code_only"]


@login_required
def choose(request: SignedInRequest) -> HttpResponse:
    form = LabelsForm(
        request.POST or None,
        initial=remembered(request) | asked_for(request),
        person=request.user,
        newest=offered(request),
        blank="blank" in request.GET,
    )
    if ordered := submit(form, orders.order, owner=request.user, now=timezone.now()):
        return redirect("tags:sheet", ordered.pk)
    return TemplateResponse(request, "tags/labels.html", {"form": form}, status=status_of(form))


def remembered(request: SignedInRequest) -> dict[str, Any]:
    """The paper of the last time; how far it was used up changes each time."""
    last = mine(request).first()
    return {name: getattr(last, name) for name in REMEMBERED} if last else {}


def asked_for(request: SignedInRequest) -> dict[str, Any]:
    """What the page before was about: these batches, these tags, or all blank ones."""
    batches = [named(pk) for pk in request.GET.getlist("batch")]
    blank = (
        JarTag.objects.blank_of(request.user).values_list("pk", flat=True) if "blank" in request.GET else []
    )
    return {"batches": batches, "tags": [*request.GET.getlist("tag"), *map(str, blank)]}


def offered(request: SignedInRequest) -> list[str]:
    kept = Batch.objects.of(request.user).kept().newest_first()
    asked = [named(pk) for pk in request.GET.getlist("batch") + request.POST.getlist("batches")]
    return [*kept.values_list("pk", flat=True)[:OFFERED], *asked]


def mine(request: SignedInRequest) -> Any:
    return LabelSheet.objects.of(request.user).select_related("owner")


def own_sheet(request: SignedInRequest, sheet_id: UUID) -> LabelSheet:
    found: LabelSheet = get_object_or_404(mine(request), pk=sheet_id)
    return found


@login_required
@require_safe
def sheet(request: SignedInRequest, sheet_id: UUID) -> HttpResponse:
    """Print it at once; the PDF is on its way, or here."""
    ordered = get_object_or_404(mine(request).defer("pdf"), pk=sheet_id)
    return page_or_partial(request, "tags/ordered.html", "ordered", {"sheet": ordered})


@login_required
@require_safe
def pages(request: SignedInRequest, sheet_id: UUID) -> HttpResponse:
    return TemplateResponse(request, "tags/sheet.html", sheets.context_of(own_sheet(request, sheet_id)))


@login_required
@require_safe
def style(request: SignedInRequest, sheet_id: UUID) -> HttpResponse:
    return HttpResponse(sheets.style_of(own_sheet(request, sheet_id)), content_type="text/css")


@login_required
@require_safe
def as_pdf(request: SignedInRequest, sheet_id: UUID) -> HttpResponse:
    ordered = own_sheet(request, sheet_id)
    if ordered.pdf is None:
        return redirect("tags:sheet", ordered.pk)
    headers = {"Content-Disposition": 'inline; filename="labels.pdf"'}
    return HttpResponse(bytes(ordered.pdf), content_type="application/pdf", headers=headers)
