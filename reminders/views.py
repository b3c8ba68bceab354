"""The pages of reminders: agree to some, see what is to come, and say done, later, skip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from batches import care
from batches.care import Suggestion
from batches.cases import HINT
from batches.doors import own_batch, way_back_from
from batches.keepers import keeper_of
from batches.kinds import Kind
from batches.models import Batch
from batches.undoing import Undoable
from kefir.web import add_refusal, way_back
from reminders import actions
from reminders.forms import LaterForm, SuggestedForm, WishForm
from reminders.labels import LATERS, later
from reminders.models import Reminder

PAGE = 50


@login_required
def plan(request: SignedInRequest, batch_id: str) -> HttpResponse:
    batch, now = own_batch(request, batch_id), timezone.now()
    suggested = care.suggest(batch.facts(), now=now, keeper=keeper_of(request.user))
    kept, muted = care.parted(suggested, Reminder.objects.muted(keeper=request.user, culture=batch.culture))
    waiting = list(batch.reminders.waiting().soonest_first())
    rows = posted_rows(request, suggested) if request.method == "POST" else fresh_rows(kept, waiting)
    own = Row(Kind.CUSTOM, WishForm(request.POST or None, prefix="own"))
    if request.method == "POST" and confirmed(request, batch, [*rows, own]):
        return redirect(way_back(request, reverse("batches:detail", args=[batch.pk])))
    context = {"batch": batch, "rows": rows, "own": own.form, "waiting": waiting, "now": now}
    if request.method != "POST":
        context["muted"] = fresh_rows(muted, waiting)
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "reminders/plan.html", context, status=status)


@dataclass(frozen=True)
class Row:
    """One reminder that is offered on the page, and as it is suggested just now."""

    kind: str
    form: WishForm
    suggestion: Suggestion | None = None

    @property
    def is_wanted(self) -> bool:
        return bool(self.form["message" if self.kind == Kind.CUSTOM else "wanted"].value())

    @property
    def wish(self) -> dict[str, Any]:
        typed = self.form.cleaned_data
        due_at = typed["due_at"]
        if self.suggestion and due_at == typed["suggested_at"]:
            due_at = self.suggestion.due_at
        return {"kind": self.kind, "message": typed["message"], "due_at": due_at}


def fresh_rows(suggested: Sequence[Suggestion], waiting: Sequence[Reminder]) -> list[Row]:
    """What waits already is not offered again. Hints are there to be ticked, the rest to be unticked."""
    set_already = {reminder.kind for reminder in waiting}
    return [Row(one.kind, form_for(one), one) for one in suggested if one.kind not in set_already]


def form_for(one: Suggestion) -> SuggestedForm:
    initial = {
        "wanted": one.priority < HINT,
        "message": one.message,
        "due_at": one.due_at,
        "suggested_at": one.due_at,
    }
    return SuggestedForm(prefix=one.kind, initial=initial)


def posted_rows(request: SignedInRequest, suggested: Sequence[Suggestion]) -> list[Row]:
    now_suggested = {one.kind: one for one in suggested}
    offered = [kind for kind in Kind.values if f"{kind}-due_at" in request.POST]
    return [Row(kind, SuggestedForm(request.POST, prefix=kind), now_suggested.get(kind)) for kind in offered]


def confirmed(request: SignedInRequest, batch: Batch, rows: Sequence[Row]) -> bool:
    """All that are ticked, or none."""
    wanted = [row for row in rows if row.is_wanted]
    if not all([row.form.is_valid() for row in wanted]):  # noqa: C419 each is to say what is wrong with it
        return False
    wishes, deed = [row.wish for row in wanted], Undoable(actions.confirm, of=batch)
    try:
        set_up = deed(batch=batch, reminders=wishes, now=timezone.now()) if wishes else []
    except ValidationError as refusal:
        put_beside(request, wanted, refusal)
        return False
    messages.success(request, said_of(len(set_up)), extra_tags=way_back_from(deed))
    return True


def put_beside(request: SignedInRequest, rows: Sequence[Row], refusal: ValidationError) -> None:
    """The verb counts what it was given: `reminders.2.due_at`."""
    named: Mapping[str, Any] = getattr(refusal, "error_dict", {NON_FIELD_ERRORS: refusal})
    for name, errors in named.items():
        _, position, field = [*name.split("."), "", ""][:3]
        if position.isdecimal():
            error = ValidationError({field or NON_FIELD_ERRORS: errors})
            add_refusal(rows[int(position)].form, error)
        else:
            messages.error(request, " ".join(refusal.messages))


def said_of(number: int) -> str:
    if number == 0:
        return _("No reminders, then. You can set some at any time.")
    told = ngettext("One reminder is set.", "%(number)s reminders are set.", number)
    return told % {"number": number}


@login_required
@require_safe
def mine(request: SignedInRequest) -> HttpResponse:
    reminders = Reminder.objects.of(request.user).unfinished().with_what_it_is_about().soonest_first()
    page = list(later_than(reminders, request)[: PAGE + 1])
    context = {"reminders": page[:PAGE], "more": len(page) > PAGE, "now": timezone.now()}
    return TemplateResponse(request, "reminders/list.html", context)


def later_than(reminders: Any, request: SignedInRequest) -> Any:
    try:
        after = UUID(request.GET.get("after", ""))
    except ValueError:
        return reminders
    last = Reminder.objects.of(request.user).filter(pk=after).first()
    return reminders.later_than(last) if last else reminders


@login_required
@require_POST
def done(request: SignedInRequest, reminder_id: UUID) -> HttpResponse:
    reminder = own_reminder(request, reminder_id)
    return did(request, _("Done."), actions.finish, reminder=reminder, now=timezone.now())


@login_required
@require_POST
def skip(request: SignedInRequest, reminder_id: UUID) -> HttpResponse:
    reminder = own_reminder(request, reminder_id)
    return did(request, _("Skipped this time."), actions.skip, reminder=reminder, now=timezone.now())


@login_required
@require_POST
def cancel(request: SignedInRequest, reminder_id: UUID) -> HttpResponse:
    reminder = own_reminder(request, reminder_id)
    return did(request, _("Cancelled."), actions.cancel, reminder=reminder, now=timezone.now())


@login_required
@require_POST
def again(request: SignedInRequest, reminder_id: UUID) -> HttpResponse:
    """What could not be sent is tried once more."""
    reminder = own_reminder(request, reminder_id)
    return did(request, _("We try again now."), actions.send_again, reminder=reminder, now=timezone.now())


@login_required
@require_POST
def snooze(request: SignedInRequest, reminder_id: UUID) -> HttpResponse:
    reminder, now = own_reminder(request, reminder_id), timezone.now()
    form = LaterForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose how much later."))
        return redirect(way_back(request, reverse("reminders:list")))
    choice = form.cleaned_data["until"]
    until = later(choice, now=now, zone=request.user.zone)
    words = _("We ask again: %(when)s.") % {"when": LATERS[choice].lower()}
    return did(request, words, actions.snooze, reminder=reminder, until=until, now=now)


def did(request: SignedInRequest, words: str, verb: Any, **context: Any) -> HttpResponse:
    """One press of a button, and back to where it was pressed."""
    deed = Undoable(verb, of=context["reminder"].about)
    try:
        deed(**context)
        messages.success(request, words, extra_tags=way_back_from(deed))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect(way_back(request, reverse("reminders:list")))


def own_reminder(request: SignedInRequest, reminder_id: UUID) -> Reminder:
    return get_object_or_404(Reminder.objects.of(request.user).with_what_it_is_about(), pk=reminder_id)
