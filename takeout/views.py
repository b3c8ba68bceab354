"""Take your data with you: out, in, and away."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import units
from accounts.models import User
from accounts.requests import SignedInRequest
from kefir.htmx import page_or_partial
from kefir.limits import TooOften
from kefir.web import status_of, submit, too_often
from takeout import actions, imports
from takeout.doors import everything_as_csv, link_to
from takeout.forms import BringForm
from takeout.models import Export, Import
from takeout.stream import BeingExported
from takeout.unpacking import most_bytes


@login_required
@require_safe
def data(request: SignedInRequest) -> HttpResponse:
    export = Export.objects.of(request.user).newest_first().first()
    is_there = export is not None and export.is_there(timezone.now())
    context = {"export": export, "is_there": is_there, "form": BringForm()}
    return page_or_partial(request, "takeout/data.html", "archive", context)


@login_required
@require_safe
def csv(request: SignedInRequest) -> HttpResponseBase:
    try:
        return everything_as_csv(request)
    except BeingExported as refusal:
        return too_often(request, 30, str(refusal))
    except TooOften as refusal:
        return too_often(request, refusal.seconds)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_archive(request: SignedInRequest) -> HttpResponse:
    try:
        if request.method == "POST":
            actions.ask_for_archive(user=request.user, now=timezone.now())
        else:
            # An address that somebody types or keeps, by which nothing is made.
            messages.info(
                request,
                _("Have your archive packed here: that takes a while, and a mail says when it is ready."),
            )
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("takeout:data")


@login_required
@require_safe
def archive(request: SignedInRequest, export_id: UUID) -> HttpResponse:
    export = Export.objects.of(request.user).filter(pk=export_id).first()
    if export and export.state != Export.State.READY:
        return redirect("takeout:data")
    if link := export and link_to(export):
        return redirect(link)
    return TemplateResponse(request, "takeout/archive_gone.html", status=404)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: SignedInRequest) -> HttpResponse:
    """A small file comes with the form itself; for others the script of the page asks where to put them."""
    form = BringForm(request.POST or None, request.FILES or None)
    if one := submit(form, bring_along, user=request.user):
        return redirect("takeout:brought", one.pk)
    context = {
        "form": form,
        "imports": Import.objects.of(request.user).newest_first().defer("report")[:10],
        "most_mb": units.localized(f"{most_bytes() // 1_000_000:,}"),
    }
    return TemplateResponse(request, "takeout/bring.html", context, status=status_of(form))


def bring_along(*, user: User, kind: str, file: UploadedFile) -> Import:
    name = (file.name or "")[:255]
    return imports.bring(user=user, kind=kind, body=file.read(), filename=name, now=timezone.now())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def brought(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    one = get_object_or_404(Import.objects.of(request.user), pk=import_id)
    if request.method == "POST":
        try:
            imports.confirm(brought=one, now=timezone.now())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect("takeout:brought", one.pk)
    return page_or_partial(request, "takeout/brought.html", "brought", {"one": one})
