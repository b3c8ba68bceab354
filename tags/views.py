"""The pages of jar tags: what a scan opens, and what their keeper does with them."""

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import SignedInRequest
from batches import codes as drawings
from batches.doors import carried_over, filled_in, own_batch, recipe_of, way_back_from
from batches.forms import StartForm
from batches.models import Batch
from batches.undoing import Undoable
from kefir import limits
from kefir.web import status_of, submit, too_often
from tags import actions
from tags.codes import drawing, scan_address
from tags.forms import BlanksForm, PlaceForm, TagForm
from tags.models import JarTag, JarTagQuerySet

# As many as are drawn within a moment.
SHEET = 48


@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: HttpRequest, code: str) -> HttpResponse:
    """What is in that jar now. Unknown, private and, without a sign-in, blank tags are one and the same page."""
    tag = mine(request).filter(code=code).first()
    answer = own_jar(request, tag) if tag else somebodys_jar(request, code)
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Cache-Control"] = "no-store, private"
    return answer


def mine(request: HttpRequest) -> JarTagQuerySet:
    return JarTag.objects.of(request.user).select_related("batch", "last_batch", "owner")


def own_jar(request: HttpRequest, tag: JarTag) -> HttpResponse:
    if tag.batch_id:
        return redirect("batches:scan", tag.batch_id)
    return TemplateResponse(request, "tags/empty.html", {"tag": tag})


def somebodys_jar(request: HttpRequest, code: str) -> HttpResponse:
    often = limits.courtesy("tags", limits.PUBLIC_PAGES, limits.of_address(request.META["REMOTE_ADDR"]))
    if often:
        return too_often(request, often, _("That was a lot of jars."))
    if shown := JarTag.objects.shown_to_strangers().filter(code=code).first():
        return redirect("batches:scan", shown.batch_id)
    is_blank = JarTag.objects.unclaimed().filter(code=code).exists()
    if is_blank and request.user.is_authenticated:
        return claim(cast("SignedInRequest", request), code)
    return TemplateResponse(request, "tags/nobody.html", {"code": code}, status=404)


def typed(request: HttpRequest) -> Any:
    """Nothing typed is an answer, too: a jar needs no name."""
    return request.POST if request.method == "POST" else None


def claim(request: SignedInRequest, code: str) -> HttpResponse:
    form = TagForm(typed(request), person=request.user)
    if tag := submit(form, actions.claim, code=code, owner=request.user, now=timezone.now()):
        messages.success(request, _("%(name)s is yours.") % {"name": tag.name})
        return redirect("tags:scan", tag.code)
    if form.is_bound and form.has_error("__all__", "no_such_tag"):
        return TemplateResponse(request, "tags/nobody.html", {"code": code}, status=404)
    context = {"form": form, "code": code}
    return TemplateResponse(request, "tags/claim.html", context, status=status_of(form))


@login_required
@require_safe
def shelf(request: SignedInRequest) -> HttpResponse:
    blank = JarTag.objects.blank_of(request.user).count()
    context = {"tags": mine(request).oldest_first(), "form": BlanksForm(), "blank": blank}
    return TemplateResponse(request, "tags/list.html", context)


@login_required
def add(request: SignedInRequest) -> HttpResponse:
    form = TagForm(typed(request), person=request.user)
    if tag := submit(form, actions.make, owner=request.user, now=timezone.now()):
        messages.success(request, _("%(name)s has its code. Put it on the jar.") % {"name": tag.name})
        return redirect("tags:detail", tag.pk)
    return TemplateResponse(request, "tags/add.html", {"form": form}, status=status_of(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def blanks(request: SignedInRequest) -> HttpResponse:
    """Those that wait for a jar, to be printed; by POST more of them."""
    form = BlanksForm(request.POST or None)
    if submit(form, actions.print_blanks, user=request.user, now=timezone.now()):
        return redirect("tags:blanks")
    blank = JarTag.objects.blank_of(request.user).order_by("-made_at", "id")[:SHEET]
    context = {"form": form, "tags": [printed(tag) for tag in blank]}
    return TemplateResponse(request, "tags/blanks.html", context, status=status_of(form))


def printed(tag: JarTag) -> dict[str, Any]:
    return {"code": tag.code, "drawing": drawing(address_of(tag))}


def address_of(tag: JarTag) -> str:
    return scan_address(tag.code, site=settings.SITE_URL)


@login_required
def detail(request: SignedInRequest, tag_id: UUID) -> HttpResponse:
    tag = own_tag(request, tag_id)
    form = TagForm(request.POST or None, instance=own_tag(request, tag_id), person=request.user)
    deed = Undoable(actions.edit, of=tag)
    if submit(form, deed, tag=tag, now=timezone.now()):
        messages.success(request, _("Saved."), extra_tags=way_back_from(deed))
        return redirect("tags:list")
    context = {"tag": tag, "form": form, "address": address_of(tag)}
    return TemplateResponse(request, "tags/detail.html", context, status=status_of(form))


@login_required
@require_safe
def code_svg(request: SignedInRequest, tag_id: UUID) -> HttpResponse:
    picture = drawings.as_svg(address_of(own_tag(request, tag_id)))
    return HttpResponse(picture, content_type="image/svg+xml")


@login_required
def start(request: SignedInRequest, tag_id: UUID) -> HttpResponse:
    """The next batch in this jar, filled in like the last one."""
    tag, now = own_tag(request, tag_id), timezone.now()
    like = tag.last_batch or Batch.objects.of(request.user).newest_first().first()
    recipe = recipe_of(like) | {"started_at": now} | carried_over(request)
    form = StartForm(filled_in(request), initial=recipe, person=request.user)
    if batch := submit(form, actions.start_in, tag=tag, parent=tag.last_batch, now=now):
        words = _("%(batch)s is started in %(jar)s. What shall we remind you of?")
        messages.success(request, words % {"batch": batch.name, "jar": tag.name})
        return redirect("reminders:plan", batch.pk)
    context = {"form": form, "parent": None, "like": like, "tag": tag}
    return TemplateResponse(request, "batches/start.html", context, status=status_of(form))


@login_required
@require_POST
def renew(request: SignedInRequest, tag_id: UUID) -> HttpResponse:
    tag = actions.renew(tag=own_tag(request, tag_id))
    messages.success(
        request, _("It has another code. What is printed with the old one opens nothing any more.")
    )
    return redirect("tags:detail", tag.pk)


@login_required
@require_POST
def give_up(request: SignedInRequest, tag_id: UUID) -> HttpResponse:
    tag = own_tag(request, tag_id)
    actions.give_up(tag=tag)
    messages.success(request, _("%(name)s is given up. What is in the jar stays.") % {"name": tag.name})
    return redirect("tags:list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def of_batch(request: SignedInRequest, batch_id: str) -> HttpResponse:
    """Which of one's jars this batch is in."""
    batch = own_batch(request, batch_id)
    if request.method == "POST":
        place(request, batch)
        return redirect("batches:detail", batch.pk)
    context = {"batch": batch, "tags": mine(request).oldest_first()}
    return TemplateResponse(request, "tags/of_batch.html", context)


def place(request: SignedInRequest, batch: Batch) -> None:
    form = PlaceForm(request.POST)
    if not form.is_valid():
        raise Http404
    tag, out = own_tag(request, form.cleaned_data["tag"]), form.cleaned_data["out"]
    deed = Undoable(actions.edit, of=tag)
    try:
        deed(tag=tag, now=timezone.now(), batch=None if out else batch)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        words = _("It is not in %(jar)s any more.") if out else _("A scan of %(jar)s opens this batch now.")
        messages.success(request, words % {"jar": tag.name}, extra_tags=way_back_from(deed))


def own_tag(request: SignedInRequest, tag_id: UUID) -> JarTag:
    return get_object_or_404(mine(request), pk=tag_id)
